import assert from 'node:assert/strict';
import type { Lease } from '../../../core/bus/lease.ts';
import type { Scenarios } from '../../parallel.ts';
import { until } from '../../until.ts';
import { dhcpcdIn, keptFiles, Lab } from './lab.ts';
import { packages } from './packages.ts';

const cfg = (...more: string[]) => ['timeout 15', 'family inet6', ...more];
/** Option 56 (RFC 5908): ntp.lab.test, and fd00:3::123. */
const ntp =
  '00:03:00:0e:03:6e:74:70:03:6c:61:62:04:74:65:73:74:00:00:01:00:10:fd:00:00:03:0:0:0:0:0:0:0:0:0:0:01:23';
const lease = `default-lease-time 600; range6 fd00:3::100 fd00:3::110; prefix6 fd00:9:: fd00:9:0:ff00:: /56;
  option dhcp6.name-servers fd00:3::53; option dhcp6.domain-search "lab.test";
  option dhcp6.sntp-servers fd00:3::124; option dhcp6.ntp-server ${ntp};`;

/** DHCPv6. */
export const v6: Scenarios = {
  'brings an address and a delegated prefix with dhclient, and gives both back': async () => {
    await using lab = new Lab({ cfg: cfg('dhcp-client dhclient', 'request_prefix 1') });
    await lab.start();
    await lab.dhcpd(packages.dhcpd, lease, 6);
    const result = await lab.up();
    assert.equal(result.outcome, 'BOUND', JSON.stringify(result) + lab.output());
    const both = await lab.event(
      'dhcp.bound',
      0,
      ({ data }) => data.lease?.prefixes !== undefined && data.lease.addresses !== undefined,
    );
    assert.match(both.data.lease!.prefixes![0]!.prefix, /^fd00:9:.*\/56$/);
    assert.deepEqual(both.data.lease!.dns, ['fd00:3::53']);
    await until('the address', () => /^fd00:3::1[0-9a-f]{2}\/128$/.test(lab.addresses(6).join()));
    const { interfaces } = await lab.client.call('Status', { parts: ['interfaces'] });
    const [shown] = interfaces!.find(one => one.interface === 'e0')!.leases as Lease[];
    assert.deepEqual([shown!.family, shown!.search], ['inet6', ['lab.test']]);
    assert.deepEqual(shown!.ntp, ['fd00:3::124', 'ntp.lab.test', 'fd00:3::123']);
    // Kept, and known to the next netconfd, too.
    const [{ prefix, valid } = { prefix: '' }] = shown!.prefixes ?? [];
    assert.deepEqual([prefix, valid], [both.data.lease!.prefixes![0]!.prefix, 600]);
    await lab.kill('SIGKILL');
    const after = lab.events.length;
    await lab.start();
    const again = await lab.event('dhcp.bound', after, ({ replayed }) => replayed === true);
    assert.deepEqual(again.data.lease!.prefixes, shown!.prefixes);
    const down = await lab.down();
    assert.equal(down.state, 'deconfigured', down.message);
    assert.deepEqual([lab.addresses(6), lab.processes('dhclient')], [[], []]);
    // The last report of the client may be read after its end.
    await until('no files', () => keptFiles(lab).every(name => name.endsWith('.leases')));
  },

  'brings both with dhcpcd, too': async () => {
    const mounts = dhcpcdIn(packages.dhcpcd);
    await using lab = new Lab({ cfg: cfg('dhcp-client dhcpcd', 'request_prefix 1'), mounts });
    await lab.start();
    await lab.dhcpd(packages.dhcpd, lease, 6);
    const result = await lab.up();
    assert.equal(result.outcome, 'BOUND', JSON.stringify(result) + lab.output());
    const { data } = await lab.event('dhcp.bound');
    assert.match(data.lease!.prefixes![0]!.prefix, /^fd00:9:.*\/56$/);
    assert.deepEqual(data.lease!.ntp, ['fd00:3::124', 'fd00:3::123', 'ntp.lab.test']);
    assert.deepEqual(data.refused, undefined);
    assert.match(lab.addresses(6).join(), /^fd00:3::1[0-9a-f]{2}\/128$/);
    assert.equal((await lab.down()).state, 'deconfigured');
    assert.deepEqual([lab.addresses(6), lab.processes('dhcpcd')], [[], []]);
  },

  'is a prefix alone where the server has no addresses, and that is shown': async () => {
    await using lab = new Lab({ cfg: cfg('dhcp-client dhclient', 'request_prefix 1') });
    await lab.start();
    await lab.dhcpd(packages.dhcpd, 'default-lease-time 600; prefix6 fd00:9:: fd00:9:0:ff00:: /56;', 6);
    const result = await lab.up();
    assert.equal(result.outcome, 'BOUND', JSON.stringify(result) + lab.output());
    assert.match(result.message!, /^a prefix of /);
    const status = lab.netconf('status', '--json');
    assert.match(status, /"prefix": ?"fd00:9:[^"]*\/56"/);
    assert.deepEqual(lab.addresses(6), []);
    assert.equal((await lab.down()).state, 'deconfigured');
    assert.doesNotMatch(lab.netconf('status', '--json'), /"prefix": ?"fd00:9:/);
  },

  'is taken away when the lease runs out': async () => {
    await using lab = new Lab({ cfg: ['family inet6', 'timeout 5', 'dhcp-client dhclient'] });
    await lab.start();
    const end = await lab.dhcpd(packages.dhcpd, `${lease} default-lease-time 6; preferred-lifetime 4;`, 6);
    const result = await lab.up();
    assert.equal(result.outcome, 'BOUND', JSON.stringify(result) + lab.output());
    await end();
    await lab.event('dhcp.expired', 0, ({ data }) => data.lease === undefined);
    await until('no address', () => lab.addresses(6).length === 0);
    await lab.event('interface.failed');
  },

  'stands beside DHCP, as two stanzas of interfaces(5)': async () => {
    const files = { interfaces: 'iface e0 inet dhcp\niface e0 inet6 dhcp\n' };
    await using lab = new Lab({ files });
    lab.policy(`[IFUP]\nstartat ENI\n[cfg ENI]\nfile ${lab.folder}/interfaces\n[cfg DHCP]\ntimeout 15\n`);
    await lab.start();
    await lab.dhcpd(packages.dhcpd, lease, 6);
    await lab.dhcpd(packages.dhcpd, 'range 10.3.0.100 10.3.0.110;');
    const result = await lab.up();
    assert.equal(result.state, 'configured', JSON.stringify(result) + lab.output());
    assert.deepEqual(lab.addresses(), ['10.3.0.100/24']);
    assert.match(lab.addresses(6).join(), /^fd00:3::1[0-9a-f]{2}\/128$/);
    assert.equal(lab.processes('dhclient').length, 2);
    assert.equal((await lab.down()).state, 'deconfigured');
    assert.deepEqual([lab.addresses(), lab.addresses(6), lab.processes('dhclient')], [[], [], []]);
  },
};
