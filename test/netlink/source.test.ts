import assert from 'node:assert/strict';
import type { EventJson } from '../../core/bus/event.ts';
import { needs } from '../setup.ts';
import { Namespace, Observer } from './namespace.ts';

interface Data {
  old?: Record<string, unknown>;
  new?: Record<string, unknown>;
  [key: string]: unknown;
}
const data = (event: EventJson) => event.data as Data;
const flagsOf = (link: Data['new']) => (link?.flags ?? []) as string[];
const about = (name: string) => (event: EventJson) => event.interface === name;

describe('the netlink source', () => {
  let namespace: Namespace;
  let other: Namespace;
  let observer: Observer;
  before(async function () {
    needs(this, { root: true, programs: ['ip'] });
    this.timeout(60_000);
    namespace = new Namespace();
    other = new Namespace();
    namespace.ip('link add br0 type bridge');
    namespace.ip('link set br0 up');
    namespace.ip('addr add 10.1.0.1/24 dev br0');
    namespace.ip('route add default via 10.1.0.254');
    observer = await Observer.start(namespace, { routerOptions: true });
  });
  after(async () => {
    await observer?.close();
    namespace?.remove();
    other?.remove();
  });
  /** Runs `ip` and gives the place in the events from which on to look. */
  const ip = (words: string): number => {
    const from = observer.events.length;
    namespace.ip(words);
    return from;
  };

  it('tells every link, address and default route at the start, marked as replayed, and again on demand', async () => {
    const replayed = observer.events.filter(event => event.replayed);
    const names = replayed.map(event => `${event.name} ${event.interface}`);
    for (const name of ['link.added lo', 'link.added br0', 'address.added br0', 'route.default br0']) {
      assert.ok(names.includes(name), `${name} in ${names}`);
    }
    assert.ok(!names.some(name => name.startsWith('route.added')));
    const route = data(replayed.find(({ name }) => name === 'route.default')!);
    assert.equal(route.family, 'inet');
    assert.equal(route.table, 'main');
    assert.equal(route.new?.gateway, '10.1.0.254');
    const again = await observer.ask<[string, string][]>('replay');
    assert.deepEqual(
      again.filter(([name]) => name === 'link.added').map(([, link]) => link),
      ['lo', 'br0'],
    );
  });

  it('hears the kernel where the event loop does not tell of its socket, and says so', async () => {
    const deaf = await Observer.start(other, { deaf: true });
    try {
      other.ip('link add deaf0 type bridge');
      await deaf.event('link.added', about('deaf0'));
      const from = deaf.events.length;
      other.ip('link delete deaf0');
      await deaf.event('link.removed', about('deaf0'), from);
    } finally {
      await deaf.close();
    }
  });

  it('tells a link that comes, goes up, gets its carrier from the peer, is renamed and goes', async () => {
    const from = ip('link add v0 type veth peer name v1');
    const added = await observer.event('link.added', about('v0'), from);
    assert.equal(added.ifindex, data(added).new?.ifindex);
    assert.equal((data(added).new?.linkinfo as { info_kind: string } | undefined)?.info_kind, 'veth');

    const up = ip('link set v0 up');
    const upEvent = await observer.event('link.up', about('v0'), up);
    assert.ok(!flagsOf(data(upEvent).old).includes('UP'));
    assert.ok(flagsOf(data(upEvent).new).includes('UP'));
    assert.ok(flagsOf(data(upEvent).new).includes('NO-CARRIER'));

    const carrier = ip('link set v1 up');
    const carrierEvent = await observer.event('link.carrier', about('v0'), carrier);
    assert.equal(data(carrierEvent).new?.operstate, 'UP');

    const lost = ip('link set v1 down');
    await observer.event('link.no-carrier', about('v0'), lost);
    await observer.event('link.down', about('v1'), lost);

    const renamed = ip('link set v0 name veth0');
    const renamedEvent = await observer.event('link.renamed', () => true, renamed);
    assert.equal(renamedEvent.interface, 'veth0');
    assert.equal(data(renamedEvent).old?.ifname, 'v0');
    assert.equal(data(renamedEvent).new?.ifname, 'veth0');

    const changed = ip('link set veth0 mtu 1400');
    const changedEvent = await observer.event('link.changed', about('veth0'), changed);
    assert.deepEqual([data(changedEvent).old?.mtu, data(changedEvent).new?.mtu], [1500, 1400]);

    const removed = ip('link del veth0');
    const removedEvent = await observer.event('link.removed', about('veth0'), removed);
    assert.equal(data(removedEvent).old?.mtu, 1400);
    await observer.event('link.removed', about('v1'), removed);
  });

  it('names a link, its alternative names and its alias although they are no UTF-8', async () => {
    const from = observer.events.length;
    namespace.exec('sh', '-c', 'ip link add "$(printf "q\\377z")" type veth peer name q1');
    namespace.exec('sh', '-c', 'ip link set q1 up alias "$(printf "a\\377b")"');
    namespace.exec('sh', '-c', 'ip link property add dev q1 altname "$(printf "alt\\377")"');
    const added = await observer.event('link.added', about('q\ufffdz'), from);
    assert.equal(data(added).new?.ifname, 'q\ufffdz');
    const changed = (event: EventJson) => event.interface === 'q1' && data(event).new?.altnames !== undefined;
    const { altnames, ifalias } = data(await observer.event('link.changed', changed, from)).new!;
    assert.deepEqual([altnames, ifalias], [['alt\ufffd'], 'a\ufffdb']);
    namespace.ip('link del q1');
  });

  it('gives several events of one message in the documented order', async () => {
    namespace.ip('link add p0 type veth peer name p1');
    namespace.ip('link set p1 up');
    await observer.event('link.up', about('p1'));
    const from = ip('link set p0 up');
    await observer.event('link.changed', about('p0'), from);
    assert.deepEqual(
      observer
        .told(from)
        .filter(line => line.endsWith(' p0') && line.startsWith('link.'))
        .slice(0, 3),
      ['link.up p0', 'link.carrier p0', 'link.changed p0'],
    );
  });

  it('says that a link joined and left a bridge, and how the port does', async () => {
    const joined = ip('link set p0 master br0');
    const event = await observer.event(
      'link.changed',
      event => event.interface === 'p0' && data(event).new?.master === 'br0',
      joined,
    );
    assert.equal(data(event).old?.master, undefined);
    // The kernel tells of this with a message of the family AF_BRIDGE alone, which is not the whole link.
    const costly = observer.events.length;
    namespace.exec('bridge', 'link', 'set', 'dev', 'p0', 'cost', '77');
    await observer.event(
      'link.changed',
      event => {
        const info = data(event).new?.linkinfo as { info_slave_data?: { cost: number } } | undefined;
        return event.interface === 'p0' && info?.info_slave_data?.cost === 77;
      },
      costly,
    );
    const left = ip('link set p0 nomaster');
    await observer.event(
      'link.changed',
      event => event.interface === 'p0' && data(event).new?.master === undefined,
      left,
    );
    assert.ok(!observer.told(left).includes('link.removed p0'));
    namespace.ip('link del p0');
  });

  it('tells an IPv4 address that comes, is ready, changes and goes', async () => {
    const from = ip('addr add 10.5.0.1/24 dev br0');
    const added = await observer.event('address.added', event => data(event).new?.local === '10.5.0.1', from);
    assert.equal(added.interface, 'br0');
    await observer.event('address.ready', event => data(event).new?.local === '10.5.0.1', from);
    const changed = ip('addr change 10.5.0.1/24 dev br0 valid_lft 1000 preferred_lft 900');
    const event = await observer.event('address.changed', () => true, changed);
    assert.deepEqual(
      [data(event).old?.valid_life_time, data(event).new?.valid_life_time, data(event).new?.dynamic],
      [4294967295, 1000, true],
    );
    const again = ip('addr change 10.5.0.1/24 dev br0 valid_lft 2000 preferred_lft 1900');
    const removed = ip('addr del 10.5.0.1/24 dev br0');
    const gone = await observer.event('address.removed', () => true, removed);
    assert.equal(data(gone).old?.local, '10.5.0.1');
    assert.ok(
      !observer.told(again).includes('address.changed br0'),
      'a life time that is renewed is no change',
    );
  });

  it('tells an IPv6 address past duplicate address detection, and one that is a duplicate', async function () {
    this.timeout(30_000);
    namespace.ip(`link add d0 type veth peer name d1 netns ${other.name}`);
    namespace.ip('link set d0 up');
    other.ip('link set d1 up');
    other.ip('-6 addr add fd00:5::1/64 dev d1 nodad');
    const from = ip('-6 addr add fd00:5::2/64 dev d0');
    const local = (address: string) => (event: EventJson) => data(event).new?.local === address;
    const added = await observer.event('address.added', local('fd00:5::2'), from);
    assert.equal(data(added).new?.tentative, true);
    const ready = await observer.event('address.ready', local('fd00:5::2'), from);
    assert.equal(data(ready).old?.tentative, true);
    assert.equal(data(ready).new?.tentative, undefined);
    const second = ip('-6 addr add fd00:5::1/64 dev d0');
    const duplicate = await observer.event('address.duplicate', local('fd00:5::1'), second);
    assert.equal(data(duplicate).new?.dadfailed, true);
    assert.ok(
      !observer.events
        .slice(second)
        .some(event => event.name === 'address.ready' && local('fd00:5::1')(event)),
    );
  });

  it('removes the addresses of a link before the link', async () => {
    const from = ip('link del d0');
    await observer.event('link.removed', about('d0'), from);
    const told = observer.told(from).filter(line => line.endsWith(' d0'));
    assert.ok(told.includes('address.removed d0'));
    assert.ok(told.lastIndexOf('address.removed d0') < told.indexOf('link.removed d0'), told.join(', '));
  });

  it('tells a route that comes, is replaced and goes, for both families', async () => {
    namespace.ip('-6 addr add fd00:1::1/64 dev br0 nodad');
    for (const [destination, one, two] of [
      ['10.20.0.0/16', '10.1.0.2', '10.1.0.3'],
      ['fd20::/48', 'fd00:1::2', 'fd00:1::3'],
    ]) {
      const is = (side: 'old' | 'new') => (event: EventJson) => data(event)[side]?.dst === destination;
      const from = ip(`route add ${destination} via ${one}`);
      const added = await observer.event('route.added', is('new'), from);
      assert.equal(added.interface, 'br0');
      const replaced = ip(`route replace ${destination} via ${two}`);
      const changed = await observer.event('route.changed', is('new'), replaced);
      assert.deepEqual([data(changed).old?.gateway, data(changed).new?.gateway], [one, two]);
      const removed = ip(`route del ${destination}`);
      const gone = await observer.event('route.removed', is('old'), removed);
      assert.equal(data(gone).old?.gateway, two);
    }
  });

  it('follows an IPv6 route that gains and loses hops', async () => {
    const gateways = (route: Data['new']) =>
      (route?.nexthops as { gateway: string }[] | undefined)?.map(hop => hop.gateway).sort() ?? [
        route?.gateway,
      ];
    namespace.ip('-6 route add fd21::/48 via fd00:1::2');
    const from = ip('-6 route append fd21::/48 via fd00:1::3');
    const grown = await observer.event('route.changed', () => true, from);
    assert.deepEqual(gateways(data(grown).old), ['fd00:1::2']);
    assert.deepEqual(gateways(data(grown).new), ['fd00:1::2', 'fd00:1::3']);
    const third = ip('-6 route append fd21::/48 via fd00:1::4');
    await observer.event('route.changed', event => gateways(data(event).new).length === 3, third);
    const lost = ip('-6 route del fd21::/48 via fd00:1::3');
    const shrunk = await observer.event('route.changed', () => true, lost);
    assert.deepEqual(gateways(data(shrunk).new), ['fd00:1::2', 'fd00:1::4']);
    const single = ip('-6 route del fd21::/48 via fd00:1::2');
    const last = await observer.event(
      'route.changed',
      event => gateways(data(event).new).length === 1,
      single,
    );
    assert.equal(data(last).new?.gateway, 'fd00:1::4');
    const removed = ip('-6 route del fd21::/48');
    await observer.event('route.removed', () => true, removed);
  });

  it('tells which default route is in use when the best one changes', async () => {
    const from = ip('route add default via 10.1.0.253 metric 10');
    await observer.event('route.added', () => true, from);
    const removed = ip('route del default via 10.1.0.254');
    const next = await observer.event('route.default', () => true, removed);
    assert.deepEqual([data(next).old?.gateway, data(next).new?.gateway], ['10.1.0.254', '10.1.0.253']);
    assert.ok(!observer.told(from).slice(0, 1).includes('route.default br0'));
    const better = ip('route add default via 10.1.0.252 metric 5');
    const best = await observer.event('route.default', () => true, better);
    assert.equal(data(best).new?.gateway, '10.1.0.252');
    namespace.ip('route del default via 10.1.0.252');
    const last = ip('route del default via 10.1.0.253');
    const none = await observer.event('route.default', event => data(event).new === undefined, last);
    assert.equal(data(none).old?.gateway, '10.1.0.253');
  });

  it('finds the IPv4 routes that the kernel flushes without a word when a link goes down', async () => {
    namespace.ip('link add f0 type veth peer name f1');
    namespace.ip('link set f1 up');
    namespace.ip('link set f0 up');
    namespace.ip('addr add 10.6.0.1/24 dev f0');
    for (let i = 0; i < 20; i++) namespace.ip(`route add 10.60.${i}.0/24 via 10.6.0.2`);
    const from = ip('link set f0 down');
    const removed = await observer.until(
      () => {
        const gone = observer.events
          .slice(from)
          .filter(
            event => event.name === 'route.removed' && String(data(event).old?.dst).startsWith('10.60.'),
          );
        return gone.length === 20 && gone;
      },
      () => observer.told(from).join(', '),
    );
    assert.equal(data(removed[0]!).old?.dev, 'f0');
  });

  it('finds the routes of a preferred source address that goes, and those of the last address', async () => {
    namespace.ip('link set f0 up');
    namespace.ip('addr add 10.6.0.9/32 dev lo');
    namespace.ip('route add 10.61.0.0/24 dev f0 src 10.6.0.9');
    const from = ip('addr del 10.6.0.9/32 dev lo');
    await observer.event('route.removed', event => data(event).old?.dst === '10.61.0.0/24', from);
    namespace.ip('route add 10.62.0.0/24 dev f0');
    const last = ip('addr flush dev f0 scope global');
    const isGone = () => !namespace.ip('route show 10.62.0.0/24').includes('10.62');
    if (isGone())
      await observer.event('route.removed', event => data(event).old?.dst === '10.62.0.0/24', last);
  });

  it('sees hops marked linkdown when the carrier is lost, and the routes of nexthop objects that go', async () => {
    namespace.ip('addr add 10.6.0.1/24 dev f0');
    namespace.ip('route add 10.63.0.0/24 via 10.6.0.2');
    const from = ip('link set f1 down');
    const changed = await observer.event(
      'route.changed',
      event => data(event).new?.dst === '10.63.0.0/24',
      from,
    );
    assert.deepEqual(data(changed).new?.flags, ['linkdown']);
    namespace.ip('link set f1 up');
    namespace.ip('nexthop add id 7 via 10.6.0.3 dev f0');
    namespace.ip('route add 10.64.0.0/24 nhid 7');
    const removed = ip('nexthop del id 7');
    await observer.event('route.removed', event => data(event).old?.dst === '10.64.0.0/24', removed);
    namespace.ip('link del f0');
  });

  it('tells rules that come and go', async () => {
    const from = ip('rule add from 10.7.0.0/16 table 77 priority 700');
    const added = await observer.event('rule.added', () => true, from);
    assert.deepEqual(
      [data(added).new?.src, data(added).new?.srclen, data(added).new?.table],
      ['10.7.0.0', 16, '77'],
    );
    const removed = ip('rule del priority 700');
    await observer.event('rule.removed', event => data(event).old?.priority === 700, removed);
  });

  it('tells neighbours only where configured, and again not', async () => {
    namespace.ip('neigh add 10.1.0.66 lladdr 02:00:00:00:00:66 dev br0 nud permanent');
    const from = observer.events.length;
    await observer.ask('configure {"neighbours":true,"routerOptions":true}');
    await observer.event('neighbour.added', event => data(event).new?.dst === '10.1.0.66', from);
    const changed = ip('neigh change 10.1.0.66 lladdr 02:00:00:00:00:67 dev br0 nud permanent');
    const event = await observer.event('neighbour.changed', () => true, changed);
    assert.equal(data(event).new?.lladdr, '02:00:00:00:00:67');
    const removed = ip('neigh del 10.1.0.66 dev br0');
    await observer.event('neighbour.removed', event => data(event).old?.dst === '10.1.0.66', removed);
    await observer.ask('configure {"neighbours":false,"routerOptions":true}');
    assert.deepEqual((await observer.status()).neighbours, []);
  });

  it('tells the options of a router advertisement', async function () {
    this.timeout(30_000);
    needs(this, { programs: ['python3'] });
    namespace.ip(`link add r0 type veth peer name r1 netns ${other.name}`);
    namespace.exec('sysctl', '-qw', 'net.ipv6.conf.r0.accept_ra=2', 'net.ipv6.conf.r0.accept_dad=0');
    other.exec('sysctl', '-qw', 'net.ipv6.conf.r1.accept_dad=0');
    namespace.ip('link set r0 up');
    other.ip('link set r1 up');
    await observer.event('link.carrier', about('r0'));
    const from = observer.events.length;
    // RFC 4861 section 4.2, RFC 8106 section 5: the kernel passes on what it does not use itself.
    const send = `
import socket, time
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"r1\\0")
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
ra = bytes.fromhex("8600000040000e10" "0000000000000000")
rdnss = bytes.fromhex("1903000000000e10" "fd000009000000000000000000000053")
dnssl = bytes.fromhex("1f03000000000e10" "036c616204746573740000000000" "0000")
for i in range(20):
    s.sendto(ra + rdnss + dnssl, ("ff02::1", 0, 0, socket.if_nametoindex("r1")))
    time.sleep(0.2)
`;
    other.exec('timeout', '10', 'python3', '-c', send);
    const rdnss = await observer.event('ra.option', event => data(event).kind === 'rdnss', from);
    assert.equal(rdnss.interface, 'r0');
    assert.deepEqual(data(rdnss).servers, ['fd00:9::53']);
    assert.equal(data(rdnss).lifetime, 3600);
    const dnssl = await observer.event('ra.option', event => data(event).kind === 'dnssl', from);
    assert.deepEqual(data(dnssl).domains, ['lab.test']);
  });

  it('starts and stops a hundred times without leaving a descriptor open', async function () {
    this.timeout(30_000);
    const before = await observer.ask<number>('fds');
    assert.equal(await observer.ask('cycle 100'), 100);
    assert.equal(await observer.ask<number>('fds'), before);
    const from = ip('link add last0 type veth peer name last1');
    await observer.event('link.added', about('last0'), from);
  });

  it('ends with the mirror equal to the kernel', async () => {
    const routes = (list: { dst: string; gateway?: string; dev?: string }[]) =>
      list.map(({ dst, gateway, dev }) => `${dst} ${gateway} ${dev}`).sort();
    const status = await observer.status();
    assert.deepEqual(routes(status.routes), routes(namespace.json('route show table all')));
  });
});
