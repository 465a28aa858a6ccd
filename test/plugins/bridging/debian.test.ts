import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';
import { DebianScripts, linksOf } from '../debian-scripts.ts';
import { machineFor } from '../links.ts';

const stanzas: Record<string, string>[] = [
  { bridge_ports: 'p0 p1' },
  { bridge_ports: 'none', bridge_stp: 'off' },
  { bridge_ports: 'p1', bridge_fd: '7.5', bridge_hello: '3', bridge_maxage: '12', bridge_ageing: '100' },
  {
    'bridge-ports': 'p0 p1',
    'bridge-pathcost': 'p0 5',
    'bridge-portprio': 'p1 12',
    'bridge-bridgeprio': '100',
  },
  { bridge_ports: 'regex p[0-9] noregex', mtu: '1400' },
  { bridge_ports: 'all', bridge_hw: '02:00:00:00:07:07' },
  { bridge_ports: 'p1 p0', bridge_hw: 'p0' },
  { bridge_ports: 'p0', bridge_stp: 'on', bridge_fd: '4' },
  { bridge_ports: 'p0 missing', bridge_fd: '0' },
];

/** The same links in both, with addresses that stay. */
function prepare(netns: string): void {
  for (const at of [0, 1]) {
    const pair = ['type', 'veth', 'peer', 'name', `q${at}`];
    execFileSync('ip', ['-n', netns, 'link', 'add', `p${at}`, 'address', `02:00:00:00:00:1${at}`, ...pair]);
    execFileSync('ip', ['-n', netns, 'link', 'set', `q${at}`, 'address', `02:00:00:00:00:2${at}`, 'up']);
  }
}

describe('a bridge of the plugin bridging', function () {
  this.timeout(120_000);
  const netns = `ncb${process.pid}`;

  it('equals the one that bridge-utils makes of the same stanza', async function () {
    needs(this, { root: true, programs: ['ip'] });
    using scripts = new DebianScripts(this, 'bridge-utils');
    for (const options of stanzas) {
      using folder = new Folder();
      const lines = Object.entries({ ...options, bridge_maxwait: '0' }).map(
        ([name, value]) => `  ${name} ${value}\n`,
      );
      await using machine = await machineFor(folder, `iface br0 inet manual\n${lines.join('')}`);
      prepare(machine.daemon.netns!);
      const result = await machine.up('br0');
      assert.equal(result.state, 'configured', result.message);
      const ours = linksOf(machine.daemon.netns!);
      execFileSync('ip', ['netns', 'add', netns]);
      try {
        prepare(netns);
        scripts.preUp(netns, 'br0', { ...options, bridge_maxwait: '0' }, 'bridge');
        const theirs = linksOf(netns);
        assert.ok(theirs.some(({ ifname }) => ifname === 'br0'));
        assert.deepEqual(ours, theirs, JSON.stringify(options));
      } finally {
        execFileSync('ip', ['netns', 'del', netns]);
      }
    }
  });
});
