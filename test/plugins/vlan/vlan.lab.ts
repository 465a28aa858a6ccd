import assert from 'node:assert/strict';
import { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';
import { until } from '../../until.ts';
import { declare, machineFor } from '../links.ts';

describe('the plugin vlan', function () {
  this.timeout(60_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'ping', 'socat'], modules: ['8021q'] });
  });

  it('makes VLANs by all forms of names, one on another too, and each carries traffic', async () => {
    using folder = new Folder();
    await using machine = await machineFor(
      folder,
      `iface e0.5 inet static
  address 192.0.2.1/24
iface e0.5.7 inet static
  address 198.51.100.1/24
iface vlan0009 inet static
  vlan_raw_device e0
  address 203.0.113.1/24
  mtu 1600
iface office inet static
  vlan-raw-device e0
  vlan-id 11
  vlan-protocol 802.1ad
  address 10.1.0.1/24
`,
      { links: ['e0'] },
    );
    const tagged = (name: string, on: string, id: string, address: string, protocol = '802.1q') => {
      const options = ['type', 'vlan', 'protocol', protocol, 'id', id];
      machine.at('e0', 'ip', 'link', 'add', 'link', on, 'name', name, ...options);
      machine.at('e0', 'ip', 'address', 'add', address, 'dev', name);
      machine.at('e0', 'ip', 'link', 'set', 'dev', name, 'up');
    };
    tagged('a', 'far', '5', '192.0.2.10/24');
    tagged('b', 'a', '7', '198.51.100.10/24');
    tagged('c', 'far', '9', '203.0.113.10/24');
    tagged('d', 'far', '11', '10.1.0.10/24', '802.1ad');
    for (const name of ['e0.5.7', 'vlan0009', 'office']) {
      const result = await machine.up(name);
      assert.equal(result.state, 'configured', result.message);
    }
    const facts = (name: string) => {
      const { link, linkinfo } = machine.link(name) ?? {};
      const { protocol, id } = linkinfo?.info_data ?? {};
      return [link, protocol, id];
    };
    // The one below was brought up as a prerequisite.
    assert.deepEqual(facts('e0.5'), ['e0', '802.1Q', 5]);
    assert.deepEqual(facts('e0.5.7'), ['e0.5', '802.1Q', 7]);
    assert.deepEqual(facts('vlan0009'), ['e0', '802.1Q', 9]);
    assert.deepEqual(facts('office'), ['e0', '802.1ad', 11]);
    assert.deepEqual([machine.link('e0')?.mtu, machine.link('vlan0009')?.mtu], [1600, 1600]);
    const peers = ['192.0.2.10', '198.51.100.10', '203.0.113.10', '10.1.0.10'];
    for (const address of peers) await until(`an answer of ${address}`, () => machine.pings(address));
    for (const address of peers) assert.ok(await machine.transfers('e0', address), address);
    assert.equal((await machine.down('e0.5')).state, 'needed');
    for (const name of ['e0.5.7', 'vlan0009', 'office']) await machine.down(name);
    for (const name of ['e0.5.7', 'e0.5', 'vlan0009', 'office']) assert.equal(machine.link(name), undefined);
  });

  it('makes another VLAN when its number was changed, and leaves those of others alone', async () => {
    using folder = new Folder();
    const text = (id: number) =>
      `iface office inet manual\n  vlan-raw-device e0\n  vlan-id ${id}\niface e0.8 inet manual\n`;
    await using machine = await machineFor(folder, text(3), { links: ['e0'] });
    const { daemon } = machine;
    await machine.up('office');
    declare(folder, text(4));
    assert.equal((await machine.up('office', { force: true })).state, 'configured');
    assert.equal(machine.link('office')?.linkinfo?.info_data?.id, 4);
    await machine.down('office');
    assert.equal(machine.link('office'), undefined);

    daemon.ip('link', 'add', 'link', 'e0', 'name', 'office', 'type', 'vlan', 'id', '99');
    const refused = await machine.up('office');
    assert.match(
      refused.message ?? '',
      /there is an interface office already, which is not the VLAN 4 on e0/,
    );
    assert.equal(machine.link('office')?.linkinfo?.info_data?.id, 99);

    daemon.ip('link', 'add', 'e0.8', 'type', 'veth', 'peer', 'name', 'e8far');
    assert.equal((await machine.up('e0.8')).state, 'configured');
    await machine.down('e0.8');
    assert.equal(machine.link('e0.8')?.linkinfo?.info_kind, 'veth');
  });

  it('sets what the scripts of the package vlan set, and puts it back', async () => {
    using folder = new Folder();
    await using machine = await machineFor(
      folder,
      `iface e0.5 inet manual
  hw-mac-address 02:00:00:00:00:05
  ip-proxy-arp 1
  ip-rp-filter 2
iface e1 inet manual
  ip_proxy_arp 1
`,
      { links: ['e0', 'e1'] },
    );
    const setting = (link: string, name: string) =>
      machine.exec('cat', `/proc/sys/net/ipv4/conf/${link}/${name}`).trim();
    const result = await machine.up('e0.5');
    assert.equal(result.state, 'configured', result.message);
    assert.equal(machine.link('e0.5')?.address, '02:00:00:00:00:05');
    assert.deepEqual([setting('e0.5', 'proxy_arp'), setting('e0.5', 'rp_filter')], ['1', '2']);
    await machine.up('e1');
    assert.equal(setting('e1', 'proxy_arp'), '1');
    await machine.down('e1');
    assert.equal(setting('e1', 'proxy_arp'), '0');
  });

  it('refuses what is no VLAN, with file and line and what was expected', async () => {
    using folder = new Folder();
    await using machine = await machineFor(folder, '', { links: ['e0'] });
    const bad: [name: string, options: string, message: RegExp][] = [
      ['vlan5000', 'vlan-raw-device e0', /interfaces:1: vlan5000: a VLAN has a number from 1 to 4094/],
      ['office', 'vlan-raw-device e0', /interfaces:1: office: expected vlan-id, or a name that says it/],
      ['office', 'vlan-id 5', /vlan-id: expected vlan-raw-device beside it/],
      ['vlan5', 'vlan-raw-device e7', /vlan5: there is no e7 to make it on/],
      [
        'vlan5',
        'vlan-raw-device e0\n vlan-protocol 802.3',
        /vlan-protocol '802.3': expected one of 802.1q, 802.1ad/,
      ],
      ['vlan5', 'vlan-raw-device ../e0', /'..\/e0' is no name that a link can have/],
      ['e0.5000', '', /e0.5000: a VLAN has a number from 1 to 4094/],
    ];
    for (const [name, options, message] of bad) {
      declare(folder, `iface ${name} inet manual\n ${options}\n`);
      const result = await machine.up(name);
      assert.equal(result.state, 'failed', options);
      assert.match(result.message ?? '', message);
    }
  });
});

describe('VLANs of bridges', function () {
  this.timeout(60_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'bridge', 'ping', 'socat'], modules: ['8021q'] });
  });

  it('keep ports apart and carry tags, as the bridge, or the port itself, says', async () => {
    using folder = new Folder();
    const text = (vids: string) => `iface br0 inet static
  address 192.0.2.1/24
  bridge_ports p0 p1 p2
  bridge_fd 0
  bridge_vlan_aware yes
  bridge_vids ${vids}
  bridge_pvid 10
  bridge_port_pvids p1=30
iface p2 inet manual
  bridge-access 10
`;
    await using machine = await machineFor(folder, text('20-29 40'), { links: ['p0', 'p1', 'p2'] });
    for (const [at, name] of ['p0', 'p1', 'p2'].entries())
      machine.at(name, 'ip', 'address', 'add', `192.0.2.1${at}/24`, 'dev', 'far');
    const result = await machine.up('br0');
    assert.equal(result.state, 'configured', result.message);
    const vlans = (name: string) =>
      machine
        .exec('bridge', '-compressvlans', 'vlan', 'show', 'dev', name)
        .split('\n')
        .slice(1)
        .map(line => line.replace(new RegExp(`^${name} `), '').trim())
        .filter(line => line !== '');
    assert.deepEqual(vlans('p0'), ['10 PVID Egress Untagged', '20-29', '40']);
    assert.deepEqual(vlans('p1'), ['20-29', '30 PVID Egress Untagged', '40']);
    assert.deepEqual(vlans('p2'), ['10 PVID Egress Untagged']);
    assert.deepEqual(vlans('br0'), ['10 PVID Egress Untagged', '20-29', '40']);
    await until('an answer', () => machine.pings('192.0.2.10'));
    assert.ok(machine.pings('192.0.2.12'));
    for (const port of ['p0', 'p2']) assert.ok(await machine.transfers(port, `192.0.2.1${port[1]}`), port);
    assert.equal(machine.pings('192.0.2.11'), false);

    declare(folder, text('25-34'));
    assert.equal((await machine.up('br0', { force: true })).state, 'configured');
    assert.deepEqual(vlans('p0'), ['10 PVID Egress Untagged', '25-34']);
    assert.deepEqual(vlans('p1'), ['25-29', '30 PVID Egress Untagged', '31-34']);
    assert.ok(machine.pings('192.0.2.10'));
  });

  it('are ports that the bridge makes where nobody declares them, also later, and takes away', async () => {
    using folder = new Folder();
    await using machine = await machineFor(
      folder,
      'iface br0 inet manual\n  bridge_ports e0.5 e1.6\n  bridge_fd 0\n  bridge_maxwait 0\n',
      { links: ['e0'] },
    );
    const result = await machine.up('br0');
    assert.equal(result.state, 'configured', result.message);
    assert.deepEqual(machine.membersOf('br0'), ['e0.5']);
    assert.equal(machine.link('e0')?.inet6_addr_gen_mode, 'none');
    machine.add('e1');
    await until('the other', () => machine.link('e1.6')?.master === 'br0');
    await machine.down('br0');
    for (const name of ['br0', 'e0.5', 'e1.6']) assert.equal(machine.link(name), undefined);
  });
});
