import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programOf } from '../../cli/ifupdown/programs.ts';
import { until } from '../../daemon.ts';
import { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';
import { declare, type Machine, machineFor } from '../links.ts';

const plain = `iface br0 inet manual
  bridge_ports p0 p1
  bridge_fd 0
  bridge_maxwait 0
`;

/** Handles that are left of anything. */
function handles({ daemon }: Machine): string[] {
  const directory = join(daemon.folder, 'interfaces');
  const all = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return all.filter(name => name.includes('.d/') && !name.startsWith('lo.d/'));
}

describe('the plugin bridging', function () {
  this.timeout(60_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'ping', 'socat'] });
  });

  it('makes a bridge of its ports that carries traffic between them, and takes it away whole', async () => {
    using folder = new Folder();
    await using machine = await machineFor(
      folder,
      `iface br0 inet static
        address 192.0.2.1/24
        bridge_ports p1 p0
        bridge_fd 0
        bridge_pathcost p0 7
        bridge_portprio p0 9
        bridge_ageing 20.5
        bridge_bridgeprio 4096
        bridge_hw 02:00:00:00:00:07
        mtu 1400
      `,
      { links: ['p0', 'p1'] },
    );
    machine.at('p0', 'ip', 'address', 'add', '192.0.2.10/24', 'dev', 'far');
    machine.at('p1', 'ip', 'address', 'add', '192.0.2.11/24', 'dev', 'far');
    const before = machine.link('p0');
    const result = await machine.up('br0');
    assert.equal(result.state, 'configured', result.message);
    assert.deepEqual(machine.membersOf('br0').toSorted(), ['p0', 'p1']);
    const bridge = machine.link('br0');
    assert.equal(bridge?.address, '02:00:00:00:00:07');
    const { priority, ageing_time, forward_delay } = bridge?.linkinfo?.info_data ?? {};
    assert.deepEqual([priority, ageing_time, forward_delay], [4096, 2050, 0]);
    const port = machine.link('p0');
    const { cost, priority: portPriority } = port?.linkinfo?.info_slave_data ?? {};
    assert.deepEqual([cost, portPriority], [7, 9]);
    assert.deepEqual([port?.mtu, port?.inet6_addr_gen_mode], [1400, 'none']);
    assert.ok(machine.pings('192.0.2.10'));
    machine.at('p0', 'ping', '-c', '1', '-W', '2', '192.0.2.11');
    assert.ok(await machine.transfers('p1', '192.0.2.11'));

    assert.equal((await machine.down('br0')).state, 'deconfigured');
    assert.equal(machine.link('br0'), undefined);
    const after = machine.link('p0');
    assert.deepEqual(
      [after?.mtu, after?.inet6_addr_gen_mode, after?.flags],
      [before?.mtu, before?.inet6_addr_gen_mode, before?.flags],
    );
    assert.deepEqual(handles(machine), []);
  });

  it('lets ports join that appear later, named or by a regular expression, and tells of them', async () => {
    using folder = new Folder();
    await using machine = await machineFor(
      folder,
      'iface br0 inet manual\n bridge-ports p0 p9 regex (tap|vif).* noregex\n bridge-fd 0\n bridge-maxwait 0\n',
      { links: ['p0', 'other'] },
    );
    const { daemon } = machine;
    const result = await machine.up('br0');
    assert.equal(result.state, 'configured', result.message);
    assert.deepEqual(machine.membersOf('br0'), ['p0']);
    machine.add('p9');
    machine.add('vif3');
    machine.add('vi');
    for (const port of ['p9', 'vif3']) {
      const added = await daemon.event('bridge.port-added', {
        interface: 'br0',
        where: ({ data }) => (data as { port: string }).port === port,
      });
      assert.equal(added.source, 'plugin:bridging');
    }
    assert.ok(await until('both are up', () => machine.isUp('p9') && machine.isUp('vif3')));
    assert.deepEqual(machine.membersOf('br0').toSorted(), ['p0', 'p9', 'vif3']);
    const forwards = await daemon.event('bridge.port-state', {
      where: ({ data }) => (data as { new: string }).new === 'forwarding',
    });
    assert.equal((forwards.data as { old: string }).old, 'disabled');
    machine.remove('p9');
    await daemon.event('bridge.port-removed', {
      where: ({ data }) => (data as { port: string }).port === 'p9',
    });
    machine.add('p9');
    await until('it has joined again', () => machine.link('p9')?.master === 'br0');
    await machine.down('br0');
    assert.deepEqual(handles(machine), []);
  });

  it('knows after a restart what a bridge wants, and leaves a port alone that somebody has taken out', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, plain.replace('p1', 'p1 p2'), { links: ['p0', 'p1'] });
    const { daemon } = machine;
    await machine.up('br0');
    daemon.netconf('plugin', 'unload', 'bridging');
    daemon.ip('link', 'set', 'p1', 'nomaster');
    machine.add('p2');
    await daemon.event('interface.found', { interface: 'p2' });
    daemon.netconf('plugin', 'load', 'bridging');
    await until('the new one has joined', () => machine.link('p2')?.master === 'br0');
    assert.deepEqual(machine.membersOf('br0').toSorted(), ['p0', 'p2']);
    await machine.down('br0');
    assert.equal(machine.link('br0'), undefined);
    assert.deepEqual(handles(machine), []);
  });

  it('makes the least change when the stanza was changed: the bridge stays, and up', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, plain, { links: ['p0', 'p1', 'p2'] });
    const { daemon } = machine;
    await machine.up('br0');
    const { ifindex } = machine.link('br0')!;
    const after = daemon.events.at(-1)!.id;
    declare(folder, `${plain.replace('p0 p1', 'p1 p2')}  bridge_hello 3\n`);
    assert.equal((await machine.up('br0', { force: true })).state, 'configured');
    assert.deepEqual(machine.membersOf('br0').toSorted(), ['p1', 'p2']);
    assert.equal(machine.link('br0')?.linkinfo?.info_data?.hello_time, 300);
    assert.equal(machine.link('br0')?.ifindex, ifindex);
    assert.equal(machine.isUp('p0'), false);
    declare(folder, plain.replace('p0 p1', 'p1 p2'));
    await machine.up('br0', { force: true });
    assert.equal(machine.link('br0')?.linkinfo?.info_data?.hello_time, 200);
    daemon.ip('link', 'add', 'mark', 'type', 'veth', 'peer', 'name', 'mark2');
    await daemon.event('link.added', { interface: 'mark' });
    const downs = daemon.events.filter(
      ({ id, name, interface: on }) => id > after && name === 'link.down' && on !== 'p0',
    );
    assert.deepEqual(downs, []);
  });

  it('changes nothing where all is as it should be', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, plain, { links: ['p0', 'p1'] });
    const { daemon } = machine;
    await machine.up('br0');
    daemon.ip('link', 'add', 'mark', 'type', 'veth', 'peer', 'name', 'mark2');
    const { id } = await daemon.event('link.added', { interface: 'mark2' });
    await machine.up('br0', { force: true });
    daemon.ip('link', 'del', 'mark');
    await daemon.event('link.removed', { interface: 'mark' });
    const changes = daemon.events.filter(
      event => event.id > id && /^link\./.test(event.name) && !event.interface?.startsWith('mark'),
    );
    assert.deepEqual(changes, []);
  });

  it('brings up first what has a stanza of its own, and keeps it while the bridge needs it', async () => {
    using folder = new Folder();
    await using machine = await machineFor(
      folder,
      `${plain.replace('p0 p1', 'mv0 p1')}
iface mv0 inet manual
  macvlan-raw-device p0
  macvlan-mode bridge
iface p1 inet manual
`,
      { links: ['p0', 'p1'] },
    );
    const result = await machine.up('br0');
    assert.equal(result.state, 'configured', result.message);
    assert.deepEqual(machine.membersOf('br0').toSorted(), ['mv0', 'p1']);
    assert.deepEqual((await machine.down('p1')).state, 'needed');
    assert.equal((await machine.up('p1', { force: true })).state, 'configured');
    assert.deepEqual(machine.membersOf('br0').toSorted(), ['mv0', 'p1']);
    await machine.down('br0');
    assert.equal(machine.link('mv0'), undefined);
  });

  it('refuses a port that two want, with the places of both, and the first has it', async () => {
    using folder = new Folder();
    await using machine = await machineFor(
      folder,
      `auto br0 br1\n${plain}${plain.replaceAll('br0', 'br1')}iface br2 inet manual\n  bridge_ports p0\n`,
      { links: ['p0', 'p1'] },
    );
    const refused = await machine.up('br1');
    assert.equal(refused.state, 'failed');
    assert.match(
      refused.message ?? '',
      /p0 is to be a port of br1 \(\S+interfaces:6\) and of br0 \(\S+interfaces:2\): one can have it/,
    );
    assert.equal(machine.link('br1'), undefined);
    assert.match((await machine.up('br0')).state, /configured|already/);
    const late = await machine.up('br2');
    assert.match(late.message ?? '', /p0 .*br2.*interfaces:10.*br0.*interfaces:2/);
    assert.deepEqual(machine.membersOf('br0').toSorted(), ['p0', 'p1']);
    assert.equal(machine.link('br2'), undefined);
  });

  it('refuses a port that a bond wants, too, whoever of them comes first', async () => {
    using folder = new Folder();
    const bond = 'iface bond0 inet manual\n  bond-slaves p1\n';
    await using machine = await machineFor(folder, `allow-hotplug bond0\n${bond}${plain}`, {
      links: ['p0', 'p1'],
    });
    const result = await machine.up('br0');
    assert.match(
      result.message ?? '',
      /p1 is to be a port of br0 \(\S+interfaces:4\) and of bond0 \(\S+interfaces:2\): one can have it/,
    );
    declare(folder, `${plain}iface p1 inet manual\n  bond-master bond0\n${bond}`);
    const other = await machine.up('br0');
    assert.match(
      other.message ?? '',
      /p1 is .* br0 \(\S+interfaces:1\) and, as its own stanza has it, of bond0 \(\S+:5\)/,
    );
    assert.equal(machine.link('br0'), undefined);
  });

  it('leaves nothing half built where the kernel does not let a port join, and says which and where', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, plain.replace('p0 p1', 'p0 lo'), { links: ['p0'] });
    const result = await machine.up('br0');
    assert.equal(result.state, 'failed');
    assert.match(result.message ?? '', /lo.*; br0 \(\S+interfaces:1\) wants it as a port/);
    assert.equal(machine.link('br0'), undefined);
    assert.equal(machine.isUp('p0'), false);
    assert.deepEqual(handles(machine), []);
  });

  it('refuses what an option cannot be, with file and line and what was expected', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, plain, { links: ['p0'] });
    const bad: [line: string, message: RegExp][] = [
      ['bridge_stp maybe', /interfaces:1: bridge-stp 'maybe': expected on or off/],
      ['bridge_maxage 3', /bridge-maxage '3': expected seconds from 6 to 40/],
      ['bridge_portprio p0 64', /bridge-portprio 'p0 64': expected a port and a whole number from 0 to 63/],
      ['bridge_pathcost p0', /bridge-pathcost 'p0 ': expected a port/],
      ['bridge_hw 02:00', /bridge-hw '02:00': expected a hardware address/],
      ['bridge_prots p0', /there is no option bridge-prots/],
      ['bridge_vids 10', /bridge-vids: expected bridge_vlan_aware yes beside it/],
      ['bridge_waitport soon p0', /bridge-waitport 'soon': expected seconds/],
      ['bridge_stp on\n bridge_fd 40', /bridge-fd '0\n40'|bridge-fd/],
      ['bridge_vlan_aware yes\n bridge_vids 0-5', /bridge-vids '0-5': expected VLANs from 1 to 4094/],
    ];
    for (const [line, message] of bad) {
      declare(folder, `iface br0 inet manual\n bridge_ports p0\n bridge_maxwait 0\n ${line}\n`);
      const result = await machine.up('br0');
      assert.equal(result.state, 'failed', line);
      assert.match(result.message ?? '', message);
      assert.equal(machine.link('br0'), undefined);
    }
    declare(folder, 'iface br0 inet manual\n bridge_ports regex (p0\n');
    assert.match((await machine.up('br0')).message ?? '', /'\(p0' is no regular expression: .*nmatched/);
    declare(folder, 'iface br0 inet manual\n bridge_ports ../../x\n');
    assert.match((await machine.up('br0')).message ?? '', /'..\/..\/x' is no name that a port can have/);
    assert.deepEqual(handles(machine), []);
  });

  it('waits for ports as bridge_waitport says, and goes on without them', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, `${plain}  bridge_waitport 30 p1\n`, { links: ['p0'] });
    const coming = machine.up('br0');
    await until('the bridge is there', () => machine.link('br0'));
    machine.add('p1');
    assert.equal((await coming).state, 'configured');
    assert.deepEqual(machine.membersOf('br0').toSorted(), ['p0', 'p1']);
    await machine.down('br0');
    declare(folder, `${plain.replace('p1', 'p7')}  bridge_waitport 0\n`);
    assert.equal((await machine.up('br0')).state, 'configured');
    assert.deepEqual(machine.membersOf('br0'), ['p0']);
  });

  it('waits with bridge_stp until its ports forward, and tells of the states between', async () => {
    using folder = new Folder();
    await using machine = await machineFor(
      folder,
      'iface br0 inet manual\n  bridge_ports p0\n  bridge_stp on\n  bridge_fd 0\n',
      { links: ['p0'] },
    );
    const result = await machine.up('br0');
    assert.equal(result.state, 'configured', result.message);
    const data = machine.link('br0')?.linkinfo?.info_data;
    assert.deepEqual([data?.stp_state, data?.forward_delay], [1, 200]);
    assert.equal(machine.link('p0')?.linkinfo?.info_slave_data?.state, 'forwarding');
    const states = (wanted: string) => ({
      interface: 'br0',
      where: ({ data: said }: { data: object }) => (said as { new: string }).new === wanted,
    });
    for (const state of ['learning', 'forwarding'])
      await machine.daemon.event('bridge.port-state', states(state));
  });

  it('says what a kernel lacks whose bridges know no VLANs', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, `${plain}  bridge_vlan_aware yes\n`, { links: ['p0'] });
    const { state, message } = await machine.up('br0');
    if (state === 'configured') {
      assert.equal(machine.link('br0')?.linkinfo?.info_data?.vlan_filtering, 1);
      return;
    }
    assert.match(message ?? '', /bridges of this kernel know no VLANs.*CONFIG_BRIDGE_VLAN_FILTERING/);
    assert.equal(machine.link('br0'), undefined);
  });

  it('is made and taken away without a daemon, too', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, '', { links: ['p0'] });
    const file = folder.write('other', plain);
    const config = folder.write('netconf.yaml', `plugins: {interfaces: {file: ${file}}}\n`);
    const alone = ['--standalone', '--config', config, 'br0'];
    const run = (name: 'ifup' | 'ifdown') => {
      const line = ['unshare', '-m', 'sh', '-c', 'mount --bind "$0" /run && exec "$@"', `${folder.path}/run`];
      machine.exec(...line, process.execPath, programOf(name), ...alone);
    };
    mkdirSync(`${folder.path}/run`);
    run('ifup');
    assert.deepEqual(machine.membersOf('br0'), ['p0']);
    run('ifdown');
    assert.equal(machine.link('br0'), undefined);
  });

  it('takes all of Ethernet for all, nothing for none, and the rest from defaults and policies', async () => {
    using folder = new Folder();
    const more = '  bridging: {defaults: {bridge_maxwait: "0", bridge_fd: "4"}}\n';
    await using machine = await machineFor(
      folder,
      'iface br0 inet manual\n bridge_ports all\niface br1 inet manual\n bridge_ports none\n bridge_fd 5\n',
      { links: ['eth5', 'enp3s0', 'x0', 'p0'], more },
    );
    for (const name of ['br0', 'br1']) assert.equal((await machine.up(name)).state, 'configured');
    assert.deepEqual(machine.membersOf('br0').toSorted(), ['enp3s0', 'eth5', 'p0']);
    assert.deepEqual(machine.membersOf('br1'), []);
    assert.equal(machine.link('br0')?.linkinfo?.info_data?.forward_delay, 400);
    assert.equal(machine.link('br1')?.linkinfo?.info_data?.forward_delay, 500);
  });

  it('takes its options from the parameters of a policy step, too', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, '', { links: ['p0'] });
    const { daemon } = machine;
    const policy = '[IFUP]\nstartat Manual\n[cfg Manual]\nbridge_ports p0\nbridge_fd 0\nbridge_maxwait 0\n';
    writeFileSync(join(daemon.policies, 'br0'), policy, { mode: 0o644 });
    const result = await machine.up('br0');
    assert.equal(result.state, 'configured', result.message);
    assert.deepEqual(machine.membersOf('br0'), ['p0']);
    await machine.down('br0');
    assert.equal(machine.link('br0'), undefined);
  });

  it('goes down in order when the bridge is removed by somebody, and gives its ports back', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, `${plain}  mtu 1300\n`, { links: ['p0', 'p1'] });
    await machine.up('br0');
    assert.equal(machine.link('p0')?.mtu, 1300);
    machine.daemon.ip('link', 'del', 'br0');
    await machine.daemon.event('interface.deconfigured', { interface: 'br0' });
    assert.equal(machine.link('p0')?.mtu, 1500);
    assert.equal(machine.isUp('p0'), false);
    assert.deepEqual(handles(machine), []);
  });

  it('takes its hardware address from the port that bridge_hw names, also when that comes later', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, `${plain}  bridge_hw p1\n`, { links: ['p0'] });
    assert.equal((await machine.up('br0')).state, 'configured');
    machine.add('p1');
    await until('it has joined', () => machine.link('p1')?.master === 'br0');
    await until('its address', () => machine.link('br0')?.address === machine.link('p1')?.address);
  });

  it('goes when its stanza says nothing of a bridge any more, and with the last of several stanzas', async () => {
    using folder = new Folder();
    const two = `${plain}iface br0 inet6 manual\n  bridge_ports p0 p1\n  bridge_maxwait 0\n`;
    await using machine = await machineFor(folder, two, { links: ['p0', 'p1'] });
    assert.equal((await machine.up('br0')).state, 'configured');
    declare(folder, two.replace(plain, 'iface br0 inet manual\n'));
    assert.equal((await machine.up('br0', { force: true })).state, 'configured');
    assert.deepEqual(machine.membersOf('br0').toSorted(), ['p0', 'p1']);
    declare(folder, 'iface br0 inet manual\n');
    await machine.up('br0', { force: true });
    assert.equal(machine.link('br0'), undefined);
    assert.equal(machine.isUp('p0'), false);
  });

  it('gives a port back that was renamed meanwhile', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, `${plain}  mtu 1300\n`, { links: ['p0'] });
    const { daemon } = machine;
    await machine.up('br0');
    daemon.ip('link', 'set', 'dev', 'p0', 'down');
    daemon.ip('link', 'set', 'dev', 'p0', 'name', 'p7', 'up');
    await daemon.event('link.renamed', { interface: 'p7' });
    assert.equal((await machine.down('br0')).state, 'deconfigured');
    assert.deepEqual([machine.link('p7')?.mtu, machine.isUp('p7')], [1500, false]);
    assert.deepEqual(handles(machine), []);
  });

  it('leaves what a regular expression means to whoever names it', async () => {
    using folder = new Folder();
    await using machine = await machineFor(
      folder,
      `iface br0 inet manual\n  bridge_ports regex p.*\n  bridge_fd 0\n  bridge_maxwait 0\nallow-hotplug br1\n${plain.replace('br0', 'br1').replace('p0 p1', 'p1')}`,
      { links: ['p0', 'p1'] },
    );
    assert.equal((await machine.up('br0')).state, 'configured');
    assert.deepEqual(machine.membersOf('br0'), ['p0']);
    assert.equal((await machine.up('br1')).state, 'configured');
    assert.deepEqual(machine.membersOf('br1'), ['p1']);
  });

  it('leaves a bridge that was there before, and takes only its own ports from it', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, plain, { links: ['p0', 'p1', 'p2'] });
    machine.daemon.ip('link', 'add', 'br0', 'type', 'bridge');
    machine.daemon.ip('link', 'set', 'p2', 'master', 'br0');
    assert.equal((await machine.up('br0')).state, 'configured');
    assert.deepEqual(machine.membersOf('br0').toSorted(), ['p0', 'p1', 'p2']);
    await machine.down('br0');
    assert.deepEqual(machine.membersOf('br0'), ['p2']);
    machine.daemon.ip('link', 'del', 'br0');
    machine.daemon.ip('link', 'add', 'br0', 'type', 'veth', 'peer', 'name', 'br0-far');
    const other = await machine.up('br0');
    assert.match(other.message ?? '', /there is an interface br0 already, which is no bridge/);
    assert.ok(machine.link('br0'));
  });

  it('stands in for the scripts of bridge-utils, which act where it is not loaded', async () => {
    using folder = new Folder();
    const marker = join(folder.path, 'ran');
    const script = folder.write(
      'scripts/if-pre-up.d/bridge',
      `#!/bin/sh\n[ $IFACE != br0 ] || echo "$IF_BRIDGE_PORTS" >${marker}\n`,
    );
    chmodSync(script, 0o755);
    await using machine = await machineFor(folder, plain, { links: ['p0', 'p1'] });
    await machine.up('br0');
    assert.equal(existsSync(marker), false);
    assert.match(machine.daemon.netconf('explain', 'ifup', 'br0'), /if-pre-up\.d\/bridge.*bridging/);
    await machine.down('br0');
    machine.daemon.netconf('plugin', 'unload', 'bridging');
    machine.daemon.ip('link', 'add', 'br0', 'type', 'bridge');
    await machine.up('br0');
    assert.equal(readFileSync(marker, 'utf8'), 'p0 p1\n');
  });

  it('only says what it would do in a daemon that observes', async () => {
    using folder = new Folder();
    declare(folder, plain);
    await using machine = await machineFor(folder, plain, { links: ['p0', 'p1'], args: ['--observe'] });
    const result = await machine.up('br0').catch(error => ({ state: 'refused', message: String(error) }));
    assert.equal(machine.link('br0'), undefined, JSON.stringify(result));
    assert.deepEqual(machine.membersOf('br0'), []);
  });
});
