import assert from 'node:assert/strict';
import { needs } from '../setup.ts';
import { Namespace, type ObservedStatus, Observer } from './namespace.ts';
import { compare, type Fields } from './same.ts';

/** Links, addresses, routes and rules of every sort that this kernel makes without modules. */
const setup = `
  link add br0 type bridge
  link add v0 type veth peer name v1
  link set v0 master br0
  link set v0 up
  link set v1 up
  link set br0 up
  link add mv0 link v1 type macvlan mode bridge
  link add vx0 type vxlan id 42 dstport 4789 remote 10.0.0.9 local 10.0.0.1 dev v1
  tuntap add dev tun0 mode tun
  link property add dev v1 altname alternative
  link set v1 alias outer
  link set mv0 mtu 1400 group 7
  addr add 10.1.0.1/24 dev br0 brd + label br0:1
  addr add 10.1.0.9/24 dev br0
  addr add 10.2.0.1 peer 10.2.0.2 dev v1 valid_lft 1000 preferred_lft 500
  -6 addr add fd00::1/64 dev br0 nodad
  -6 addr add fd00::2/64 dev br0 nodad valid_lft 1000 preferred_lft 0
  -6 addr add fd00::3/64 dev br0 nodad noprefixroute home
  route add default via 10.1.0.254
  route add default via 10.1.0.253 metric 50
  route add 10.9.0.0/16 via 10.1.0.3 mtu 1400 advmss 1300 metric 7 table 100 proto static
  route append 10.9.0.0/16 via 10.1.0.5 metric 7 table 100
  route add 10.10.0.0/16 nexthop via 10.1.0.3 weight 2 nexthop via 10.1.0.4 onlink dev br0
  route add 10.12.0.0/16 via 10.1.0.3 rtt 100ms hoplimit 5 quickack 1 features ecn congctl reno initcwnd 10
  route add blackhole 10.11.0.0/16
  route add 10.13.0.0/16 via inet6 fe80::1 dev br0
  route add 10.14.0.0/16 via 10.1.0.3 tos 0x10 src 10.1.0.1 realm 5/7
  route add 10.16.0.0/16 dev v1 scope link
  -6 route add unreachable fd01::/48
  -6 route add fd02::/48 via fd00::9 expires 500 pref high
  -6 route add fd03::/48 nexthop via fd00::8 nexthop via fd00::9 weight 3
  -6 route add fd05::/48 via fd00::9 mtu 1300 table 70000
  rule add from 10.0.0.0/8 to 10.1.1.1 iif br0 oif v1 fwmark 0x5/0xff table 100 priority 77
  rule add not from 1.2.3.4 tos 0x10 ipproto tcp dport 80 sport 100-200 uidrange 5-9 lookup main suppress_prefixlength 0 priority 78
  rule add blackhole priority 79
  rule add goto 32766 priority 80
  rule add iif gone goto 99 priority 81
  rule add nop priority 82
  rule add lookup main suppress_ifgroup 5 tun_id 5 realms 3/4 protocol static priority 83
  rule add l3mdev priority 84
  -6 rule add from fd00::/64 table 55
  neigh add 10.1.0.77 lladdr 02:00:00:00:00:01 dev br0 nud permanent
  neigh add 10.1.0.78 lladdr 02:00:00:00:00:02 dev br0 nud reachable router`;

describe('the mirror in the shapes of ip -j', () => {
  let namespace: Namespace;
  let observer: Observer;
  let status: ObservedStatus;
  before(async function () {
    needs(this, { root: true, programs: ['ip'] });
    this.timeout(60_000);
    namespace = new Namespace();
    for (const line of setup.trim().split('\n')) namespace.ip(line.trim());
    // Duplicate address detection of the link-local addresses takes a second or two.
    for (let i = 0; i < 50 && namespace.ip('-6 addr show tentative').includes('tentative'); i++) {
      await new Promise(resolve => setTimeout(resolve, 100));
    }
    observer = await Observer.start(namespace, { neighbours: true });
    status = await observer.status();
  });
  after(async () => {
    await observer?.close();
    namespace?.remove();
  });

  it('has every link as ip -d -j link', () => {
    compare(status.links, namespace.json('-d link'), link => `${link.ifname}`);
  });

  it('has every address with its link as ip -j address', () => {
    const flat = (links: Fields[]) => {
      return links.flatMap(
        ({ addr_info, ...link }) =>
          [
            { ...link },
            ...(addr_info as Fields[]).map(address => ({ ...address, on: link.ifname })),
          ] as Fields[],
      );
    };
    compare(flat(status.addresses as unknown as Fields[]), flat(namespace.json('address')), entry =>
      entry.on ? `${entry.on} ${entry.local}` : `${entry.ifname}`,
    );
  });

  it('has every route as ip -j route show table all, and the same again for IPv6', () => {
    const ipv6 = status.routes.filter(({ family }) => family === 'inet6');
    compare(status.routes, namespace.json('route show table all'));
    compare(ipv6, namespace.json('-6 route show table all'));
  });

  it('has the routes of one destination in the order of the kernel', () => {
    const ours = status.routes.filter(({ table, dst }) => table === '100' && dst === '10.9.0.0/16');
    assert.deepEqual(
      ours.map(({ gateway }) => gateway),
      namespace.json<{ gateway: string }[]>('route show table 100').map(({ gateway }) => gateway),
    );
  });

  it('has every rule as ip -j rule, both families', () => {
    const of = (family: string) => status.rules.filter(rule => rule.family === family);
    compare(of('inet'), namespace.json('rule'));
    compare(of('inet6'), namespace.json('-6 rule'));
    assert.deepEqual(
      of('inet').map(({ priority }) => priority),
      namespace.json<{ priority: number }[]>('rule').map(({ priority }) => priority),
    );
  });

  it('has the neighbours as ip -j neighbour', () => {
    compare(status.neighbours, namespace.json('neighbour'), ({ dst }) => `${dst}`);
    assert.equal(status.neighbours.length, 2);
  });

  it('counts down life times between the message and the look', async () => {
    await new Promise(resolve => setTimeout(resolve, 1100));
    const { addresses, routes } = await observer.status();
    const address = addresses
      .flatMap(({ addr_info }) => addr_info)
      .find(({ local }) => local === '10.2.0.1')!;
    assert.ok(address.valid_life_time < 1000 && address.valid_life_time > 900, `${address.valid_life_time}`);
    const route = routes.find(({ dst }) => dst === 'fd02::/48')!;
    assert.ok(route.expires! < 500 && route.expires! > 400, `${route.expires}`);
  });
});
