import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { load, memory, type Payload } from '../../../core/netlink/mirror/memory.ts';
import { Place } from '../../../core/netlink/mirror/place.ts';
import { none, Places } from '../../../core/netlink/mirror/places.ts';
import { RouteScan } from '../../../core/netlink/mirror/route-scan.ts';
import { until } from '../../until.ts';

/** `struct rtmsg`, RTA_DST, RTA_PRIORITY and as much of an attribute that nobody knows as is wanted. */
function route(destination: number, metric = 0, more = 0): Payload {
  const { bytes, words } = memory(12 + 8 + 8 + 4 + more);
  bytes.set([2, 32, 0, 0, 254, 3, 0, 1]);
  for (const [at, type, value] of [
    [3, 1, destination],
    [5, 6, metric],
  ] as const) {
    bytes.set([8, 0, type, 0], at * 4);
    words[at + 1] = value;
  }
  bytes.set([4 + more, 0, 200, 0], 28);
  bytes.fill(7, 32, 32 + more);
  return bytes.toString('latin1');
}

const scan = new RouteScan();

function placeOf(payload: Payload): Place {
  scan.load(payload);
  return Place.of(scan);
}

/** Destinations whose places have the same hash, found by looking for one. */
function twins(): [Payload, Payload] {
  const seen = new Map<number, number>();
  for (let i = 0; ; i++) {
    const { hash } = placeOf(route(i, i));
    const other = seen.get(hash);
    if (other !== undefined) return [route(other, other), route(i, i)];
    seen.set(hash, i);
  }
}

/** What there is, by place, however it came about. */
function held(places: Places): Record<string, readonly Payload[]> {
  return Object.fromEntries(Array.from(places, record => [places.place(record).key, places.get(record)]));
}

describe('places of routing tables', () => {
  const lists = fc.record({
    destination: fc.nat(40),
    routes: fc.array(fc.constantFrom(0, 4, 28, 32, 200, 201), { maxLength: 3 }),
    how: fc.constantFrom('set', 'insert', 'remove'),
  });

  it('hold what a Map of lists holds: one route or several, short, long or of odd length', () => {
    fc.assert(
      fc.property(fc.array(lists, { maxLength: 200 }), changes => {
        const places = new Places(60);
        const model = new Map<string, readonly Payload[]>();
        for (const { destination, routes, how } of changes) {
          const list = routes.map(more => route(destination, 0, more));
          const place = placeOf(route(destination));
          const record = places.find(place);
          assert.deepEqual(places.get(record), model.get(place.key) ?? []);
          if (how === 'insert' && record === none && list.length > 0) {
            scan.scan(load(list[0]!), 0, list[0]!.length);
            places.insert(place, scan);
            assert.ok(places.holds(places.find(place), scan));
            model.set(place.key, list.slice(0, 1));
          } else {
            places.set(record, place, how === 'remove' ? [] : list);
            if (how === 'remove' || list.length === 0) model.delete(place.key);
            else model.set(place.key, list);
          }
          assert.equal(places.size, model.size);
        }
        assert.deepEqual(held(places), Object.fromEntries(model));
      }),
    );
  });

  it('are told apart where their hashes are the same', () => {
    const places = new Places(60);
    const [a, b] = twins();
    places.set(none, placeOf(a), [a]);
    assert.equal(places.find(placeOf(b)), none);
    places.set(none, placeOf(b), [b]);
    for (const one of [a, b]) assert.deepEqual(places.get(places.find(placeOf(one))), [one]);
    places.remove(places.find(placeOf(a)));
    assert.equal(places.find(placeOf(a)), none);
    assert.deepEqual(places.get(places.find(placeOf(b))), [b]);
  });

  it('are found and walked over while many come and go, and give their memory back', async () => {
    const places = new Places(60);
    const before = process.memoryUsage().arrayBuffers;
    const many = 20_000;
    for (let i = 0; i < many; i++) places.set(none, placeOf(route(i)), [route(i)]);
    assert.ok(process.memoryUsage().arrayBuffers - before > many * 60);
    let walked = 0;
    for (const record of places) {
      assert.equal(places.find(places.place(record)), record);
      // One goes that is still to come, and one that was there already.
      for (const i of [many - 1 - walked, walked]) {
        const found = places.find(placeOf(route(i)));
        if (found !== none) places.remove(found);
      }
      walked++;
    }
    assert.equal(walked, many / 2);
    assert.equal(places.size, 0);
    assert.deepEqual([...places], []);
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    await until('memory is given back', () => {
      collect();
      return process.memoryUsage().arrayBuffers - before < many;
    });
    for (let i = 0; i < 10; i++) places.set(none, placeOf(route(i)), [route(i)]);
    assert.equal(Object.keys(held(places)).length, 10);
  });
});
