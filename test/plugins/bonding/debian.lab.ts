import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';
import { DebianScripts, linksOf } from '../debian-scripts.ts';
import { machineFor } from '../links.ts';

interface Case {
  package: 'ifenslave' | 'vlan';
  name: string;
  options: Record<string, string>;
  /** What ifup's own method does afterwards, and for ours has done. */
  after?: string[];
}

const bond = (options: Record<string, string>): Case => ({
  package: 'ifenslave',
  name: 'bond0',
  options,
  after: ['link', 'set', 'dev', 'bond0', 'up'],
});

const cases: Case[] = [
  bond({
    'bond-slaves': 'p0 p1',
    'bond-mode': 'active-backup',
    'bond-miimon': '100',
    'bond-primary': 'p1 p0',
  }),
  bond({
    'bond-slaves': 'p1',
    'bond-mode': '802.3ad',
    'bond-miimon': '100',
    'bond-updelay': '200',
    'bond-downdelay': '200',
    'bond-lacp-rate': '1',
    'bond-xmit-hash-policy': 'layer2+3',
    'bond-ad-select': 'count',
  }),
  bond({
    bond_slaves: 'none',
    bond_mode: '1',
    bond_arp_interval: '500',
    bond_arp_ip_target: '192.0.2.1 192.0.2.2',
    bond_arp_validate: 'active',
    bond_fail_over_mac: 'active',
    bond_num_grat_arp: '3',
    bond_primary_reselect: 'better',
  }),
  bond({ slaves: 'p0 p1', 'bond-mode': 'balance-rr', 'bond-miimon': '50', 'bond-packets-per-slave': '4' }),
  bond({ 'bond-slaves': 'p0', 'bond-mode': 'balance-tlb', 'bond-miimon': '50', 'bond-tlb-dynamic-lb': '0' }),
  { package: 'vlan', name: 'vlan5', options: { 'vlan-raw-device': 'p0' } },
  { package: 'vlan', name: 'vlan0012', options: { vlan_raw_device: 'p1', mtu: '1600' } },
  {
    package: 'vlan',
    name: 'vlan6',
    options: { 'vlan-raw-device': 'p0', 'hw-mac-address': '02:00:00:00:00:06' },
  },
];

/** The same links in both, with addresses that stay. */
function prepare(netns: string): void {
  for (const at of [0, 1]) {
    const pair = ['type', 'veth', 'peer', 'name', `q${at}`];
    execFileSync('ip', ['-n', netns, 'link', 'add', `p${at}`, 'address', `02:00:00:00:00:1${at}`, ...pair]);
    execFileSync('ip', ['-n', netns, 'link', 'set', `q${at}`, 'address', `02:00:00:00:00:2${at}`, 'up']);
  }
}

describe('bonds and VLANs of the plugins', function () {
  this.timeout(300_000);
  const netns = `ncd${process.pid}`;

  it('equal those that the scripts of ifenslave and vlan make of the same stanza', async function () {
    needs(this, { root: true, programs: ['ip'], modules: ['bonding', '8021q'] });
    using ifenslave = new DebianScripts(this, 'ifenslave');
    using vlan = new DebianScripts(this, 'vlan');
    for (const { package: from, name, options, after } of cases) {
      using folder = new Folder();
      const lines = Object.entries(options).map(([option, value]) => `  ${option} ${value}\n`);
      await using machine = await machineFor(folder, `iface ${name} inet manual\n${lines.join('')}`);
      prepare(machine.daemon.netns!);
      const result = await machine.up(name);
      assert.equal(result.state, 'configured', result.message);
      const ours = linksOf(machine.daemon.netns!);
      execFileSync('ip', ['netns', 'add', netns]);
      try {
        prepare(netns);
        const scripts = { ifenslave, vlan }[from];
        scripts.preUp(netns, name, options, from);
        const up = after ?? ['link', 'set', 'dev', name, 'up', ...(options.mtu ? ['mtu', options.mtu] : [])];
        execFileSync('ip', ['-n', netns, ...up]);
        assert.deepEqual(ours, linksOf(netns), JSON.stringify(options));
      } finally {
        execFileSync('ip', ['netns', 'del', netns]);
      }
    }
  });
});
