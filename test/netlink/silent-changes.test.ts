import assert from 'node:assert/strict';
import { needs } from '../setup.ts';
import { Namespace, type ObservedStatus, Observer } from './namespace.ts';

describe('what the kernel changes along with something else, without a word', () => {
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
    namespace.ip('-6 addr add fd00:1::1/64 dev br0 nodad');
    observer = await Observer.start(namespace);
  });
  after(async () => {
    await observer?.close();
    namespace?.remove();
    other?.remove();
  });

  /** Waits until the mirror gives this answer. */
  async function becomes(answer: unknown, look: (status: ObservedStatus) => unknown): Promise<void> {
    let found: unknown;
    for (let i = 0; i < 60; i++) {
      found = look(await observer.status());
      if (JSON.stringify(found) === JSON.stringify(answer)) return;
      await new Promise(resolve => setTimeout(resolve, 25));
    }
    assert.deepEqual(found, answer);
  }
  const link = (name: string) => (status: ObservedStatus) =>
    status.links.find(({ ifname }) => ifname === name);
  const route = (destination: string) => (status: ObservedStatus) =>
    status.routes.find(({ dst, type }) => dst === destination && type === undefined);

  it('gives both ends of a pair their peer, also when one end has been away', async () => {
    namespace.ip('link add v0 type veth peer name v1');
    await becomes(['v1', 'v0'], status => [link('v0')(status)?.link, link('v1')(status)?.link]);
    namespace.ip(`link set v1 netns ${other.name}`);
    await becomes(0, status => link('v0')(status)?.link_netnsid);
    other.ip(`link set v1 netns ${namespace.name}`);
    await becomes('v1', status => link('v0')(status)?.link);
  });

  it('takes IPv6 from a link whose MTU falls below 1280', async () => {
    namespace.ip('link set v0 mtu 1200');
    await becomes([1200, undefined], status => [
      link('v0')(status)?.mtu,
      link('v0')(status)?.inet6_addr_gen_mode,
    ]);
    namespace.ip('link del v0');
  });

  it('resolves and unresolves a rule when the one that it goes to comes and goes', async () => {
    const isUnresolved = ({ rules }: ObservedStatus) =>
      rules.some(rule => rule.priority === 100 && rule.unresolved === null);
    namespace.ip('rule add goto 200 priority 100');
    await becomes(true, isUnresolved);
    namespace.ip('rule add lookup main priority 200');
    await becomes(false, isUnresolved);
    namespace.ip('rule del priority 200');
    await becomes(true, isUnresolved);
    namespace.ip('rule del priority 100');
  });

  it('takes its preferred source from an IPv6 route whose address goes', async () => {
    namespace.ip('-6 addr add fd00:1::2/64 dev br0 nodad');
    namespace.ip('-6 route add fd50::/48 via fd00:1::9 src fd00:1::2');
    await becomes('fd00:1::2', status => route('fd50::/48')(status)?.prefsrc);
    namespace.ip('-6 addr del fd00:1::2/64 dev br0');
    await becomes(['fd50::/48', undefined], status => [
      route('fd50::/48')(status)?.dst,
      route('fd50::/48')(status)?.prefsrc,
    ]);
  });

  it('lets the route of a prefix expire with its address', async () => {
    const from = observer.events.length;
    const expires = (status: ObservedStatus) => route('fd00:1::/64')(status)?.expires !== undefined;
    namespace.ip('-6 addr change fd00:1::1/64 dev br0 valid_lft 1000 preferred_lft 500');
    await becomes(true, expires);
    namespace.ip('-6 addr change fd00:1::1/64 dev br0 valid_lft forever preferred_lft forever');
    await becomes(false, expires);
    await observer.until(
      () => observer.told(from).filter(line => line === 'route.changed br0').length === 2,
      () => observer.told(from).join(', '),
    );
  });

  it('keeps the order of equal routes when only those of one link are looked at', async () => {
    namespace.ip('link add w0 type veth peer name w1');
    namespace.ip('link set w0 up');
    namespace.ip('link set w1 up');
    namespace.ip('addr add 10.2.0.1/24 dev w0');
    namespace.ip('route add default via 10.1.0.2');
    namespace.ip('route append default via 10.2.0.2');
    const isDefault = ({ dst, table }: { dst: string; table?: string }) =>
      dst === 'default' && table === undefined;
    await becomes(2, status => status.routes.filter(isDefault).length);
    const from = observer.events.length;
    namespace.ip('link set w1 down');
    await becomes(
      [
        ['10.1.0.2', []],
        ['10.2.0.2', ['linkdown']],
      ],
      status => status.routes.filter(isDefault).map(({ gateway, flags }) => [gateway, flags]),
    );
    assert.ok(!observer.told(from).some(line => line.startsWith('route.default')));
    namespace.ip('link del w0');
  });

  it('tells an IPv6 route by its first hop when one with other attributes joins', async () => {
    namespace.ip('-6 route add fd51::/48 via fd00:1::8');
    namespace.ip('-6 route append fd51::/48 via fd00:1::9 pref high');
    await becomes(['medium', 2], status => [
      route('fd51::/48')(status)?.pref,
      route('fd51::/48')(status)?.nexthops?.length,
    ]);
  });
});
