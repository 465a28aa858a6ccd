import assert from 'node:assert/strict';
import { addressText, prefixText } from '../../../../plugins/network-file/language/addresses.ts';
import type { Interface } from '../../../../plugins/network-file/language/model.ts';
import { read } from './read.ts';

function textOf({ name, addresses, inet, inet6 }: Interface): string {
  const all = addresses.map(
    ({ address, length, peer }) =>
      `${addressText(address)}/${length}${peer === undefined ? '' : ` to ${addressText(peer)}`}`,
  );
  return [name, ...all, inet, inet6].filter(text => text !== undefined).join(' ');
}

function good(text: string) {
  const { model, found } = read(text);
  assert.deepEqual(found, []);
  return model;
}

describe('the meaning of the network file', () => {
  it('works out network and broadcast address from address and mask', () => {
    const { networks } = good(
      'network "a" { interface "eth0" { addressv4 10.0.0.2 } netmaskv4 255.255.255.0 }',
    );
    assert.deepEqual(networks[0]!.prefixes.map(prefixText), ['10.0.0.0/24']);
    assert.deepEqual(networks[0]!.interfaces.map(textOf), ['eth0 10.0.0.2/24']);
  });

  it('has old and new spellings for the same', () => {
    const old = good(
      'network "a" { interface "eth0" { addressv4 10.0.0.2; } networkv4 10.0.0.0; netmaskv4 255.255.255.0; broadcastv4 10.0.0.255; }',
    );
    const modern = good('network a { network 10.0.0.0/24 interface eth0 { address 10.0.0.2/24 } }');
    assert.deepEqual(old.networks[0]!.interfaces.map(textOf), modern.networks[0]!.interfaces.map(textOf));
    assert.deepEqual(old.networks[0]!.prefixes, modern.networks[0]!.prefixes);
  });

  it('has several interfaces, labels and addresses in a network', () => {
    const { networks } = good(`network "a" {
      interface "eth0" { address 10.0.0.2; address 2001:db8::2/64; addressv6 auto; }
      interface "eth0:1" { addressv4 10.0.0.3 }
      interface "eth1" { addressv4 dhcp; addressv6 dhcp }
      interface "ppp0" { addressv4 dynamical; ptpaddressv4 dynamical }
      interface "ppp1" { addressv4 10.0.0.7; ptpaddressv4 10.0.0.8 }
      netmask 24;
    }`);
    assert.deepEqual(networks[0]!.interfaces.map(textOf), [
      'eth0 10.0.0.2/24 2001:db8::2/64 auto',
      'eth0:1 10.0.0.3/24',
      'eth1 dhcp dhcp',
      'ppp0 dynamical',
      'ppp1 10.0.0.7/24 to 10.0.0.8',
    ]);
  });

  it('takes options of a network for all its interfaces, unless these say otherwise', () => {
    const { networks } = good(
      'network "a" { interface "eth0" { addressv4 dhcp; mtu 1400 } interface "eth1" { addressv4 dhcp; enabled hotplug } mtu 9000; arp false }',
    );
    const [eth0, eth1] = networks[0]!.interfaces;
    assert.deepEqual(
      [eth0!.settings, eth1!.settings],
      [
        { arp: false, mtu: 1400 },
        { arp: false, mtu: 9000 },
      ],
    );
    assert.deepEqual([eth0!.enabled, eth1!.enabled], [true, 'hotplug']);
  });

  it('finds the interface that leads to a gateway, or the one that a server tells of it', () => {
    const { routes } = good(`network "a" { interface "eth0" { address 10.0.0.2/15 } }
      network "b" { interface "eth1:1" { address 10.2.0.2/16 } }
      network "c" { network 192.0.2.0/24; network 2001:db8::/32 }
      network "d" { interface "eth2" { addressv4 dhcp; address fd00::1/64 } }
      route "c" { gateway 10.2.0.1; gatewayv6 fd00::2; metric 3 }
      route default { gateway 172.16.0.1 }
      route 198.51.100.7 { interface "eth0"; table 7 }`);
    assert.deepEqual(
      routes.map(
        ({ destination, gateway, interface: on }) =>
          `${prefixText(destination)} ${gateway === undefined ? '-' : addressText(gateway)} ${on}`,
      ),
      [
        '2001:db8::/32 fd00::2 eth2',
        '192.0.2.0/24 10.2.0.1 eth1:1',
        '0.0.0.0/0 172.16.0.1 eth2',
        '198.51.100.7/32 - eth0',
      ],
    );
  });

  it('reads the one-line form of rules, services, hosts and `not`', () => {
    const { rules } = good(`network "in" { network 10.0.0.0/8 } network "out" { network 0.0.0.0/0 }
      rule { from "in" to "out"/www protocol tcp; transproxy 8080 }
      rule { from "in" from 192.0.2.0/24 to everywhere/ftp,1024-2048 protocol tcp redirect 10.0.0.24/8021 }
      rule { not from "in" to files.example/domain not protocol udp; reject incoming; log "no: "; monitor 5 }
      rule { to 192.0.2.7/80 firstpacket not fragment bidirectional accept }
      rule { from 192.0.2.7/32/80-90 not accept outgoing mark 0x10 tos lowdelay marked 7 not withtos af41 }
      rule { from "in" not masquerade }`);
    assert.deepEqual(
      rules.map(({ place: _, ...rule }) => rule),
      [
        {
          from: [{ network: 'in' }],
          to: [{ network: 'out', ports: [[80, 80]] }],
          action: { kind: 'transproxy', port: 8080 },
          protocol: { value: 'tcp' },
        },
        {
          from: [{ network: 'in' }, { addresses: ['192.0.2.0/24'] }],
          to: [
            {
              ports: [
                [21, 21],
                [1024, 2048],
              ],
            },
          ],
          action: { kind: 'redirect', address: '10.0.0.24', port: 8021 },
          protocol: { value: 'tcp' },
        },
        {
          from: [{ network: 'in', not: true }],
          to: [{ addresses: ['192.0.2.5', '2001:db8::5'], ports: [[53, 53]] }],
          action: { kind: 'reject', direction: 'incoming' },
          protocol: { value: 'udp', not: true },
          log: 'no: ',
          monitor: 5,
        },
        {
          from: [],
          to: [{ addresses: ['192.0.2.7'], ports: [[80, 80]] }],
          action: { kind: 'accept' },
          firstPacket: { value: true },
          fragment: { value: true, not: true },
          bidirectional: true,
        },
        {
          from: [{ addresses: ['192.0.2.7'], ports: [[80, 90]] }],
          to: [],
          action: { kind: 'deny', direction: 'outgoing' },
          setMark: 16,
          setTos: 16,
          mark: { value: 7 },
          tos: { value: 0x88, not: true },
        },
        { from: [{ network: 'in' }], to: [], action: { kind: 'forward' } },
      ],
    );
    assert.match(rules[0]!.place!, /^\/n\.conf:2:7$/);
  });

  it('has three kinds of comments, and reads what it includes where it does', () => {
    const { model, found } = read({
      '/n.conf': '# one\ninclude "more/a.conf"; // two\n/* three\n */ network "b" { network 10.0.0.0/8 }',
      '/more/a.conf': 'network "a" { network 192.0.2.0/24 }\ninclude "../c.conf"',
      '/c.conf': 'network "c" { network 198.51.100.0/24 }',
      '/n.conf.d/20.conf': 'network "e" { network 203.0.113.0/25 }',
      '/n.conf.d/10.conf': 'network "d" { network 203.0.113.128/25 }',
      '/n.conf.d/note': 'no network file',
      '/n.conf.d/.hidden.conf': 'nor this',
    });
    assert.deepEqual(found, []);
    assert.deepEqual(
      model.networks.map(({ name }) => name),
      ['a', 'c', 'b', 'd', 'e'],
    );
  });

  it('names the ports of a bridge between networks', () => {
    const { bridges } =
      good(`network "l" { interface "eth1" { } } network "r" { interface "eth2" { addressv4 none } interface "eth3" { } }
      bridge "br0" { from "l" to "r" stp true }`);
    assert.deepEqual(
      bridges.map(({ place: _, ...bridge }) => bridge),
      [{ name: 'br0', networks: ['l', 'r'], ports: ['eth1', 'eth2', 'eth3'], stp: true, enabled: true }],
    );
  });
});
