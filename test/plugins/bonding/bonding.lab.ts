import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';
import { until } from '../../until.ts';
import { declare, machineFor } from '../links.ts';

const backup = `iface bond0 inet static
  address 192.0.2.1/24
  bond-slaves e0 e1
  bond-mode active-backup
  bond-miimon 50
  bond-primary e0
`;

describe('the plugin bonding', function () {
  this.timeout(60_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'ping', 'socat'], modules: ['bonding'] });
  });

  it('makes a bond whose slaves carry its traffic, fails over when a peer loses its carrier, and tells of it', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, backup, { links: ['e1', 'e0'] });
    const { daemon } = machine;
    // Both peers lead to one host: a bridge in the namespace of the first.
    machine.joinPeers('e0', 'e1', '192.0.2.10/24');
    const { address: first } = machine.link('e0')!;
    const { address: second } = machine.link('e1')!;
    const result = await machine.up('bond0');
    assert.equal(result.state, 'configured', result.message);
    assert.equal(machine.link('bond0')?.address, first);
    const data = () => machine.link('bond0')?.linkinfo?.info_data ?? {};
    await until('the primary is active', () => data().active_slave === 'e0');
    assert.deepEqual([data().mode, data().miimon, data().primary], ['active-backup', 50, 'e0']);
    for (const slave of ['e0', 'e1'])
      await daemon.event('bond.slave-added', {
        interface: 'bond0',
        where: event => (event.data as { slave: string }).slave === slave,
      });
    assert.ok(machine.pings('192.0.2.10'));
    assert.ok(await machine.transfers('e0', '192.0.2.10'));

    machine.at('e0', 'ip', 'link', 'set', 'far', 'down');
    const failover = await daemon.event('bond.failover', { interface: 'bond0' });
    assert.deepEqual(failover.data, { old: 'e0', new: 'e1' });
    const degraded = await daemon.event('bond.degraded', { interface: 'bond0' });
    assert.deepEqual(degraded.data, { slave: 'e0', up: ['e1'], down: ['e0'] });
    assert.ok(machine.pings('192.0.2.10'));
    assert.ok(await machine.transfers('e0', '192.0.2.10'));

    machine.at('e0', 'ip', 'link', 'set', 'far', 'up');
    const recovered = await daemon.event('bond.recovered', { interface: 'bond0' });
    assert.deepEqual(recovered.data, { slave: 'e0', up: ['e0', 'e1'], down: [] });
    await until('the primary is active again', () => data().active_slave === 'e0');

    await machine.down('bond0');
    assert.equal(machine.link('bond0'), undefined);
    await daemon.event('bond.slave-removed', { interface: 'bond0' });
    assert.deepEqual([machine.link('e0')?.address, machine.link('e1')?.address], [first, second]);
    assert.deepEqual([machine.isUp('e0'), machine.isUp('e1')], [false, false]);
  });

  it('reaches collecting and distributing on both sides with 802.3ad, and carries traffic', async () => {
    using folder = new Folder();
    await using machine = await machineFor(
      folder,
      `iface bond0 inet static
        address 192.0.2.1/24
        bond_slaves e0 e1
        bond_mode 4
        bond_miimon 100
        bond_lacp_rate 1
        bond_xmit_hash_policy layer3+4
        bond_ad_select bandwidth
        bond_min_links 1
      `,
      { links: ['e0', 'e1'] },
    );
    machine.bondPeers('e0', 'e1', '192.0.2.10/24');
    const result = await machine.up('bond0');
    assert.equal(result.state, 'configured', result.message);
    // IEEE 802.1AX: collecting 0x10, distributing 0x20.
    await until('collecting and distributing', () =>
      ['e0', 'e1'].every(name => {
        const { ad_actor_oper_port_state, ad_partner_oper_port_state } = (machine.link(name)?.linkinfo
          ?.info_slave_data ?? {}) as Record<string, number>;
        return [ad_actor_oper_port_state, ad_partner_oper_port_state].every(
          state => (state! & 0x30) === 0x30,
        );
      }),
    );
    const { ad_lacp_rate, xmit_hash_policy, ad_select, ad_info } =
      machine.link('bond0')?.linkinfo?.info_data ?? {};
    assert.deepEqual([ad_lacp_rate, xmit_hash_policy, ad_select], ['fast', 'layer3+4', 'bandwidth']);
    assert.equal((ad_info as { num_ports: number }).num_ports, 2);
    await until('an answer', () => machine.pings('192.0.2.10'));
    assert.ok(await machine.transfers('e0', '192.0.2.10'));
  });

  it('lets slaves join that appear later, and makes one of them the primary that comes first in bond-primary', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, backup.replace('primary e0', 'primary e1 e0'), {
      links: ['e0'],
    });
    const result = await machine.up('bond0');
    assert.equal(result.state, 'configured', result.message);
    assert.deepEqual(machine.membersOf('bond0'), ['e0']);
    const primary = () => machine.link('bond0')?.linkinfo?.info_data?.primary;
    assert.equal(primary(), 'e0');
    machine.add('e1');
    await machine.daemon.event('bond.slave-added', {
      where: event => (event.data as { slave: string }).slave === 'e1',
    });
    await until('the primary', () => primary() === 'e1');
  });

  it('lets a slave join whose own stanza names the bond, which is brought up first, and take its leave', async () => {
    using folder = new Folder();
    await using machine = await machineFor(
      folder,
      `iface bond0 inet manual
  bond-slaves none
  bond-mode active-backup
  bond-miimon 100
allow-bond0 e1
iface e0 inet manual
  bond-master bond0
  bond-primary e0
iface e1 inet manual
  bond-master bond0
  bond-give-a-chance 1
iface e2 inet manual
  bond-master bond9
`,
      { links: ['e0', 'e1', 'e2'] },
    );
    const result = await machine.up('e0');
    assert.equal(result.state, 'configured', result.message);
    assert.deepEqual(machine.membersOf('bond0'), ['e0']);
    assert.equal(machine.link('bond0')?.linkinfo?.info_data?.primary, 'e0');
    assert.equal((await machine.up('e1')).state, 'configured');
    assert.deepEqual(machine.membersOf('bond0').toSorted(), ['e0', 'e1']);
    assert.equal(machine.link('bond0')?.linkinfo?.info_data?.primary, 'e0');
    assert.match(
      (await machine.up('e2')).message ?? '',
      /interfaces:12: bond-master bond9: there is no such bond/,
    );
    assert.equal((await machine.down('e0')).state, 'deconfigured');
    assert.deepEqual(machine.membersOf('bond0'), ['e1']);
    assert.equal((await machine.down('bond0')).state, 'deconfigured');
    assert.equal(machine.link('bond0'), undefined);
    await machine.daemon.event('interface.deconfigured', { interface: 'e1' });
  });

  it('brings up slaves that are declared in the class of the bond, when they are its own', async () => {
    using folder = new Folder();
    await using machine = await machineFor(
      folder,
      `iface bond0 inet manual\n  bond-slaves e0\n  bond-mode 1\nallow-bond0 e0\niface e0 inet manual\n  bond-master bond0\n`,
      { links: ['e0'] },
    );
    assert.equal((await machine.up('bond0')).state, 'configured');
    await machine.daemon.event('interface.configured', { interface: 'e0' });
    assert.deepEqual(machine.membersOf('bond0'), ['e0']);
  });

  it('makes the least change when the stanza was changed: the bond stays up', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, backup, { links: ['e0', 'e1', 'e2'] });
    const { daemon } = machine;
    await machine.up('bond0');
    const { ifindex } = machine.link('bond0')!;
    await until(
      'the primary is active',
      () => machine.link('bond0')?.linkinfo?.info_data?.active_slave === 'e0',
    );
    // All that was told before has been heard.
    daemon.netconf('emit', 'now');
    const { id: first } = await daemon.event('now');
    assert.equal((await machine.up('bond0', { force: true })).state, 'configured');
    daemon.ip('link', 'add', 'mark', 'type', 'veth', 'peer', 'name', 'mark2');
    const { id: after } = await daemon.event('link.added', { interface: 'mark2' });
    const changes = daemon.events.filter(
      event => event.id > first && event.name.startsWith('link.') && !event.interface?.startsWith('mark'),
    );
    assert.deepEqual(changes, []);
    declare(
      folder,
      backup.replace('e0 e1', 'e0 e1 e2').replace('primary e0', 'primary e1').replace('50', '70'),
    );
    const result = await machine.up('bond0', { force: true });
    assert.equal(result.state, 'configured', result.message);
    const { primary, miimon } = machine.link('bond0')?.linkinfo?.info_data ?? {};
    assert.deepEqual([primary, miimon, machine.link('bond0')?.ifindex], ['e1', 70, ifindex]);
    assert.deepEqual(machine.membersOf('bond0').toSorted(), ['e0', 'e1', 'e2']);
    await daemon.event('bond.slave-added', { after });
    const downs = daemon.events.filter(
      event => event.id > after && event.name === 'link.down' && event.interface !== 'e2',
    );
    assert.deepEqual(downs, []);

    // The kernel changes a mode only without slaves: they come back, and the addresses too.
    declare(folder, backup.replace('active-backup', 'balance-xor').replace(/ *bond-primary.*\n/, ''));
    const other = await machine.up('bond0', { force: true });
    assert.equal(other.state, 'configured', other.message);
    assert.equal(machine.link('bond0')?.linkinfo?.info_data?.mode, 'balance-xor');
    assert.deepEqual(machine.membersOf('bond0').toSorted(), ['e0', 'e1']);
    assert.match(daemon.ip('-4', 'address', 'show', 'bond0'), /192\.0\.2\.1/);
    assert.equal(machine.isUp('bond0'), true);
  });

  it('is made whole of one line in interfaces(5) by options in netconf.yaml, and fails over', async () => {
    using folder = new Folder();
    const options = `interfaces:
  bond0:
    bond-slaves: [e0, e1]
    bond-mode: active-backup
    bond-miimon: 50
    bond-primary: e0
    address: 192.0.2.1/24
`;
    const text = 'iface bond0 inet static\n';
    await using machine = await machineFor(folder, text, { links: ['e0', 'e1'], more: options });
    const { daemon } = machine;
    machine.joinPeers('e0', 'e1', '192.0.2.10/24');
    const result = await machine.up('bond0');
    assert.equal(result.state, 'configured', result.message);
    const data = () => machine.link('bond0')?.linkinfo?.info_data ?? {};
    await until('the primary is active', () => data().active_slave === 'e0');
    assert.deepEqual([data().mode, data().miimon, data().primary], ['active-backup', 50, 'e0']);
    assert.ok(await machine.transfers('e0', '192.0.2.10'));
    machine.at('e0', 'ip', 'link', 'set', 'far', 'down');
    await daemon.event('bond.failover', { interface: 'bond0' });
    assert.ok(await machine.transfers('e0', '192.0.2.10'));
    await machine.down('bond0');
    assert.equal(machine.link('bond0'), undefined);

    writeFileSync(daemon.configuration, readFileSync(daemon.configuration, 'utf8').replace('-backup', ''));
    daemon.netconf('reload');
    const bad = await machine.up('bond0');
    assert.equal(bad.state, 'failed');
    assert.match(bad.message ?? '', /netconf\.yaml:\d+:5: bond-mode 'active': expected/);
    assert.equal(machine.link('bond0'), undefined);
  });

  it('gives slaves their queues and makes one active, where that is asked for', async () => {
    using folder = new Folder();
    await using machine = await machineFor(
      folder,
      `${backup.replace(/ *bond-primary.*\n/, '')}  bond-queue-id e0:1 e1:2\n  bond-active-slave e1\n`,
      {
        links: ['e0', 'e1'],
      },
    );
    const result = await machine.up('bond0');
    assert.equal(result.state, 'configured', result.message);
    const queue = (name: string) => machine.link(name)?.linkinfo?.info_slave_data?.queue_id;
    assert.deepEqual([queue('e0'), queue('e1')], [1, 2]);
    assert.equal(machine.link('bond0')?.linkinfo?.info_data?.active_slave, 'e1');
  });

  it('refuses a slave that a bridge has, with the places of both, and leaves nothing half built', async () => {
    using folder = new Folder();
    await using machine = await machineFor(
      folder,
      `${backup}iface br0 inet manual\n  bridge_ports e1\n  bridge_fd 0\n  bridge_maxwait 0\n`,
      { links: ['e0', 'e1'] },
    );
    assert.equal((await machine.up('br0')).state, 'configured');
    const result = await machine.up('bond0');
    assert.equal(result.state, 'failed');
    assert.match(
      result.message ?? '',
      /e1 belongs to br0 \(\S+interfaces:7\) already; bond0 \(\S+interfaces:1\) wants it as a slave/,
    );
    assert.equal(machine.link('bond0'), undefined);
    assert.equal(machine.link('e0')?.master, undefined);
    assert.equal(machine.link('e1')?.master, 'br0');
  });

  it('is a port of a bridge, and has VLANs on it that are, each brought up first', async () => {
    using folder = new Folder();
    await using machine = await machineFor(
      folder,
      `iface br0 inet static
  address 192.0.2.1/24
  bridge_ports bond0.5
  bridge_fd 0
iface bond0.5 inet manual
iface bond0 inet manual
  bond-slaves e0
  bond-mode active-backup
  bond-miimon 100
`,
      { links: ['e0'] },
    );
    machine.at('e0', 'ip', 'link', 'add', 'link', 'far', 'name', 'far5', 'type', 'vlan', 'id', '5');
    machine.at('e0', 'ip', 'link', 'set', 'far5', 'up');
    machine.at('e0', 'ip', 'address', 'add', '192.0.2.10/24', 'dev', 'far5');
    const result = await machine.up('br0');
    assert.equal(result.state, 'configured', result.message);
    assert.deepEqual(machine.membersOf('br0'), ['bond0.5']);
    await until('an answer', () => machine.pings('192.0.2.10'));
    await machine.down('br0');
    for (const name of ['br0', 'bond0.5', 'bond0']) assert.equal(machine.link(name), undefined);
  });
});
