import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { EventJson } from '../../core/bus/event.ts';
import { formatEvent } from '../../core/bus/format.ts';

const time = new Date(2025, 0, 2, 12, 0, 1, 123).getTime();

function line(name: string, data: object, more: Partial<EventJson> = {}): string {
  const shown = formatEvent({ id: 7, name, time, source: 'netlink', data, ...more });
  assert.equal(shown.slice(0, 13), '12:00:01.123 ');
  return shown.slice(13);
}

const eth0 = { interface: 'eth0', ifindex: 2 };
const link = { ifindex: 2, ifname: 'eth0', flags: ['UP'], mtu: 1500, operstate: 'UP', link_type: 'ether' };
const address = {
  ifindex: 2,
  ifname: 'eth0',
  family: 'inet',
  local: '192.0.2.7',
  prefixlen: 24,
  scope: 'global',
  valid_life_time: 60,
  preferred_life_time: 60,
};
const route = {
  family: 'inet',
  dst: '10.0.0.0/8',
  gateway: '10.1.1.1',
  dev: 'eth0',
  table: 'main',
  flags: [],
};

describe('an event as one line', () => {
  it('says what changed about a link in few words', () => {
    assert.equal(
      line('link.carrier', { old: link, new: link }, eth0),
      'link.carrier eth0 no-carrier → carrier',
    );
    assert.equal(line('link.up', { old: link, new: link }, eth0), 'link.up eth0 down → up');
    assert.equal(
      line('link.changed', { old: link, new: { ...link, mtu: 1400, master: 'br0', flags: [] } }, eth0),
      'link.changed eth0 flags -UP, mtu 1500 → 1400, master none → br0',
    );
    assert.equal(
      line('link.renamed', { old: link, new: { ...link, ifname: 'lan' } }, { interface: 'lan' }),
      'link.renamed lan eth0 → lan',
    );
    assert.equal(line('link.removed', { old: link }, eth0), 'link.removed eth0 ether state UP mtu 1500');
  });

  it('speaks of addresses, routes, rules and neighbours as ip(8) does', () => {
    assert.equal(line('address.added', { new: address }, eth0), 'address.added eth0 192.0.2.7/24');
    assert.equal(
      line('address.changed', { old: address, new: { ...address, valid_life_time: 50 } }, eth0),
      'address.changed eth0 192.0.2.7/24 valid_life_time 60 → 50',
    );
    assert.equal(line('route.added', { new: route }, eth0), 'route.added eth0 10.0.0.0/8 via 10.1.1.1');
    assert.equal(
      line('route.removed', { old: { ...route, metric: 5, table: '100', type: 'blackhole' } }),
      'route.removed - blackhole 10.0.0.0/8 via 10.1.1.1 dev eth0 metric 5 table 100',
    );
    assert.equal(
      line('route.default', { family: 'inet', table: 'main', new: { ...route, dst: 'default' } }, eth0),
      'route.default eth0 inet main: none → via 10.1.1.1 dev eth0',
    );
    assert.equal(
      line('rule.added', { new: { family: 'inet', priority: 100, src: '10.0.0.0', srclen: 8, table: '7' } }),
      'rule.added - 100: from 10.0.0.0/8 lookup 7',
    );
    assert.equal(
      line('neighbour.added', { new: { dst: '10.0.0.2', lladdr: '02:00:00:00:00:01', state: ['STALE'] } }),
      'neighbour.added - 10.0.0.2 02:00:00:00:00:01 STALE',
    );
  });

  it('shows the data of other events as pairs, quoted where a shell would need it', () => {
    assert.equal(
      line('home-lan-connected', { SSID: 'home', note: 'two words', n: 3, deep: { a: 1 } }),
      'home-lan-connected - SSID=home note="two words" n=3 deep="{\\"a\\":1}"',
    );
    assert.equal(
      line('network.applied', { changed: ['eth0'], plugins: ['a', 'b'], from: [{ a: 1 }], none: [] }),
      'network.applied - changed=eth0 plugins="a b" from="[{\\"a\\":1}]" none=""',
    );
    assert.equal(line('quiet', {}), 'quiet -');
  });

  it('marks what is told again, and paints only when asked', () => {
    assert.equal(line('quiet', {}, { replayed: true }), 'quiet - (replayed)');
    const painted = formatEvent({ id: 1, name: 'quiet', time, source: 'daemon', data: {} }, { colour: true });
    assert.ok(painted.includes('\x1b['));
  });

  it('lets no value move the cursor, change colours or begin a line', () => {
    const shown = line('evil', { a: '\x1b[2J\r\n\x9b31m\u202e', b: 'x\x00y' }, { interface: 'e\x1b[1A' });
    // These are the characters that must not be there.
    assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}]/u);
    assert.match(shown, /^evil e\\e\[1A /);
  });

  it('throws for no event whatever, and always prints one line with name and interface', () => {
    const names = fc.constantFrom(
      'constructor',
      'link.added',
      'link.changed',
      'address.ready',
      'route.default',
      'hook.failed',
      'ra.option',
      'rule.removed',
      'toString.x',
    );
    fc.assert(
      fc.property(
        names,
        fc.object({ key: fc.constantFrom('old', 'new', 'dst', 'flags', 'x') }),
        (name, data) => {
          const shown = line(name, data, { interface: 'eth0' });
          assert.ok(shown.startsWith(`${name} eth0`));
          assert.doesNotMatch(shown, /\n/);
        },
      ),
    );
  });

  it('survives data that cannot be read', () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    assert.equal(line('mine', cycle), 'mine - (its data cannot be shown)');
  });

  it('stays readable where a value is very long', () => {
    assert.ok(line('long', { a: 'x'.repeat(1e6), b: 'y'.repeat(1e6) }).length < 600);
    assert.ok(
      line('many', Object.fromEntries(Array.from({ length: 9999 }, (_, i) => [`k${i}`, i]))).length < 1100,
    );
  });
});
