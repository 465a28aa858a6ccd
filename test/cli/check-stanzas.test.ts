import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { check } from '../../cli/check.ts';
import { programs } from '../daemon.ts';
import { Folder } from '../folder.ts';

const shipped = join(dirname(programs.netconfd), 'plugins');

/** What `netconf check` finds in these, without what is said of a machine. */
async function findingsOf(interfaces: string, configuration = '', plugins = ''): Promise<string[]> {
  using folder = new Folder({ interfaces });
  const text = `plugins:\n  interfaces: {file: ${folder.path}/interfaces}\n${plugins}${configuration}`;
  const config = folder.write('netconf.yaml', text);
  const nothing = join(folder.path, 'none');
  const { findings } = await check({ config, hooks: [nothing], plugins: [shipped], policies: [nothing] });
  return findings.map(({ severity, place, message }) =>
    `${severity}: ${place}: ${message}`.replaceAll(`${folder.path}/`, ''),
  );
}

describe('the check of stanzas', () => {
  it('finds what each plugin would refuse at ifup, with the line of the stanza', async () => {
    const text = `iface bond0 inet manual
  bond-slaves none
  bond-mode fast
iface br0 inet manual
  bridge_ports none
  bridge_fd soon
iface vlan5000 inet manual
  vlan-raw-device eth0
iface mv0 inet manual
  macvlan-mode bridge
iface eth0 inet dhcp
  ip-rp-filter 3
`;
    assert.deepEqual(await findingsOf(text), [
      "error: interfaces:1: bond-mode 'fast': expected one of balance-rr, active-backup, balance-xor, broadcast, 802.3ad, balance-tlb, balance-alb",
      "error: interfaces:4: bridge-fd 'soon': expected seconds from 0 to 1000000",
      'error: interfaces:7: vlan5000: a VLAN has a number from 1 to 4094',
      'error: interfaces:9: macvlan-mode: expected macvlan-raw-device beside it',
      "error: interfaces:11: ip-rp-filter '3': expected one of 0, 1, 2",
    ]);
  });

  it('has nothing to say of what is sound', async () => {
    const text = `iface bond0 inet manual
  bond-slaves eth0 eth1
  bond-primary eth1
iface eth0.5 inet6 auto
iface br0 inet manual
  bridge-ports all
`;
    const defaults = '  bonding: {defaults: {bond-mode: active-backup}}\n';
    assert.deepEqual(await findingsOf(text, '', defaults), []);
  });

  it('finds it in netconf.yaml, once for all stanzas of an interface, and what is about none', async () => {
    const section = `interfaces:
  bond0: {bond-slaves: none, bond-miimon: often}
  br0: {bridge-ports: none, bridge-fd: soon}
`;
    const stanzas = 'iface bond0 inet manual\niface bond0 inet6 auto\n';
    assert.deepEqual(await findingsOf(stanzas, section), [
      "error: netconf.yaml:4:30: bond-miimon 'often': expected a whole number from 0 to 2147483647 milliseconds",
      "error: netconf.yaml:5:29: bridge-fd 'soon': expected seconds from 0 to 1000000",
      'warning: netconf.yaml:5:3: no stanza and no policy is about br0: its options count for nothing',
    ]);
    const own = `${stanzas.replaceAll('\n', '\n  bond-miimon 5\n')}iface br0 inet manual\n  bridge-fd 3\n`;
    assert.deepEqual(await findingsOf(own, section), []);
  });
});
