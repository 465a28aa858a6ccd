import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Memory, memory } from '../../../core/netlink/mirror/memory.ts';
import { Mirror, type MirrorChanges } from '../../../core/netlink/mirror/mirror.ts';
import { RouteComparison } from '../../../core/netlink/route-comparison.ts';
import {
  AF_INET,
  AF_INET6,
  align,
  RTM_DELROUTE,
  RTM_NEWROUTE,
} from '../../../core/netlink/wire/constants.ts';

const nobody = () => {};

function mirror(changes: Partial<MirrorChanges> = {}): Mirror {
  return new Mirror({
    link: nobody,
    address: nobody,
    rule: nobody,
    neighbour: nobody,
    route: nobody,
    routerOption: nobody,
    doubtRoutes: nobody,
    doubtLink: nobody,
    nextHop: nobody,
    ...changes,
  });
}

/** Type and payload of an attribute; `length` where it says another one than it has. */
interface Part {
  type: number;
  payload: Uint8Array;
  length?: number | undefined;
}

function message(
  { family = AF_INET, bits = 0, parts = [] as readonly Part[], cut = 0 },
  type = RTM_NEWROUTE,
  flags = 0,
) {
  const size = parts.reduce((sum, { payload }) => sum + align(4 + payload.length), 28);
  const bytes = Buffer.alloc(size);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt16LE(flags, 6);
  bytes.set([family, bits, 0, 0, 254, 3, 0, 1], 16);
  let at = 28;
  for (const { type, payload, length } of parts) {
    bytes.writeUInt16LE(length ?? 4 + payload.length, at);
    bytes.writeUInt16LE(type, at + 2);
    bytes.set(payload, at + 4);
    at += align(4 + payload.length);
  }
  return bytes.subarray(0, Math.max(16, size - cut));
}

/** A message in memory that has something else before and after it. */
function within(
  bytes: Uint8Array,
  noise: number,
  use: (memory: Memory, at: number, end: number) => void,
): void {
  const whole = memory(64 + bytes.length + 64);
  whole.bytes.fill(noise);
  whole.bytes.set(bytes, 64);
  use(whole, 64, 64 + bytes.length);
}

/** Everything held is found by its place, and counted. */
function check({ routes }: Mirror): void {
  const keys = new Set<string>();
  let count = 0;
  for (const [place, held] of routes.entries()) {
    assert.deepEqual(routes.at(place), held);
    keys.add(place.key);
    count += held.length;
  }
  assert.equal(keys.size, [...routes.entries()].length);
  assert.equal(count, routes.size);
}

async function compareWithNothing(held: Mirror, family: number): Promise<void> {
  const comparison = new RouteComparison(held, family, undefined);
  await comparison.finish();
  comparison.end();
}

describe('routes of the mirror', () => {
  // RTA_DST, RTA_SRC, RTA_OIF, RTA_GATEWAY, RTA_PRIORITY, RTA_MULTIPATH, RTA_CACHEINFO, RTA_TABLE, RTA_NH_ID, unknown.
  const type = fc.constantFrom(1, 2, 4, 5, 6, 9, 12, 15, 30, 200);
  const hop = Uint8Array.of(8, 0, 0, 0, 1, 0, 0, 0);
  const payload = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4, max: 1 }),
    fc.uint8Array({ minLength: 16, maxLength: 16, max: 1 }),
    fc.uint8Array({ maxLength: 40, max: 9 }),
    fc.constantFrom(hop, Uint8Array.of(...hop, ...hop), new Uint8Array(200)),
  );
  const length = fc.option(fc.nat(40), { freq: 20, nil: undefined });
  const route = fc.record({
    family: fc.constantFrom(AF_INET, AF_INET6),
    bits: fc.constantFrom(0, 32),
    parts: fc.array(fc.record({ type, payload, length }), { maxLength: 5 }),
    cut: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(30) }),
  });
  const step = fc.record({
    route,
    how: fc.constantFrom(RTM_NEWROUTE, RTM_DELROUTE, 'dump' as const),
    flags: fc.constantFrom(0, 0x400, 0x100, 0x200, 0x800),
    noise: fc.nat(255),
  });

  it('are found again, counted, and gone when a dump has none, whatever bytes told of them', async () => {
    const property = fc.asyncProperty(fc.array(step, { maxLength: 30, size: 'max' }), async steps => {
      const held = mirror();
      for (const { route, how, flags, noise } of steps) {
        if (how !== 'dump') {
          within(message(route, how, flags), noise, (...at) => held.notify(...at));
          continue;
        }
        const comparison = new RouteComparison(held, route.family, undefined);
        within(message(route), noise, (memory, at, end) => comparison.take(memory, at + 16, end));
        comparison.flush();
        comparison.end();
      }
      check(held);
      for (const family of [AF_INET, AF_INET6]) await compareWithNothing(held, family);
      assert.equal(held.routes.size, 0);
    });
    await fc.assert(property, { numRuns: 500 });
  });

  it('stay at their place when a hop goes that hid another one', () => {
    const doubts: number[] = [];
    const held = mirror({ doubtRoutes: family => doubts.push(family) });
    // The hop that is left has RTA_DST, which without RTA_MULTIPATH around it would be the destination of the route.
    const hops = Buffer.alloc(8 + 28);
    hops.set([8, 0, 0, 0, 1]);
    hops.set([28, 0, 0, 0, 2], 8);
    hops.set([20, 0, 1, 0, 32], 16);
    const route = { family: AF_INET6, parts: [{ type: 9, payload: hops }] };
    within(message(route), 0, (...at) => held.notify(...at));
    const gone = { family: AF_INET6, parts: [{ type: 4, payload: Uint8Array.of(1, 0, 0, 0) }] };
    within(message(gone, RTM_DELROUTE), 0, (...at) => held.notify(...at));
    check(held);
    assert.deepEqual(doubts, [AF_INET6]);
  });

  it('that expire leave nothing behind when they are gone before a removal or a dump tells of them', () => {
    const held = mirror();
    const expiring = { bits: 32, parts: [{ type: 12, payload: new Uint8Array(32).fill(1) }] };
    within(message(expiring, RTM_DELROUTE), 0, (...at) => held.notify(...at));
    assert.equal(held.routes.told.size, 0);
    const comparison = new RouteComparison(held, AF_INET, undefined);
    within(message(expiring, RTM_NEWROUTE, 0x400), 0, (...at) => held.notify(...at));
    assert.equal(held.routes.told.size, 1);
    within(message(expiring, RTM_DELROUTE), 0, (...at) => held.notify(...at));
    within(message(expiring), 0, (memory, at, end) => comparison.take(memory, at + 16, end));
    comparison.flush();
    comparison.end();
    assert.deepEqual([held.routes.size, held.routes.told.size], [0, 0]);
  });

  it('are walked over with chances to rest where a dump has told of all', () => {
    const held = mirror();
    const comparison = new RouteComparison(held, AF_INET, undefined);
    const destination = new Uint8Array(4);
    const bytes = message({ bits: 32, parts: [{ type: 1, payload: destination }] });
    const many = 200_000;
    within(bytes, 0, (memory, at, end) => {
      for (let i = 0; i < many; i++) {
        memory.words[(at + 32) >> 2] = i;
        comparison.take(memory, at + 16, end);
      }
    });
    comparison.flush();
    const walks = { all: [...held.routes.unseen(AF_INET)], filtered: [...held.routes.unseen(AF_INET, 7)] };
    comparison.end();
    for (const [what, walk] of Object.entries(walks)) {
      assert.ok(walk.length > many / 1000, `${what}: ${walk.length} chances to rest`);
      assert.ok(walk.every(place => place === undefined));
    }
  });
});
