import { type Payload, payloadOf } from './memory.ts';
import { Place } from './place.ts';
import { Records } from './records.ts';
import { RouteScan } from './route-scan.ts';

/** Words of a record before the payload. The length of what is kept elsewhere is `elsewhere`. */
const [LENGTH, NEXT, HASH, ROUND] = [0, 1, 2, 3] as const;
const head = 4;
const elsewhere = 0xffff_ffff;
/** No record. */
export const none = -1;
const fewest = 16;

/**
 * Places of routing tables and what they hold: one route, or several in the kernel's order. A place is a record: with
 * the bytes of its route, or, where that is long or not alone, with a place in a Map of strings.
 *
 * A hash table whose records take no part in garbage collection.
 */
export class Places {
  readonly #room: number;
  readonly #records: Records;
  readonly #elsewhere = new Map<number, readonly Payload[]>();
  readonly #scan = new RouteScan();
  readonly #place = new Place();
  /** The first record of each bucket, of which there are a power of two; its others follow through NEXT. */
  #buckets = new Int32Array(fewest).fill(none);
  size = 0;

  /** @param room bytes that a record has for a route: a multiple of 4 */
  constructor(room: number) {
    this.#room = room;
    this.#records = new Records(head + room / 4);
  }

  /** The record of a place, or `none`. Found sooner with the route that is probably there. */
  find(place: Place, probably?: RouteScan): number {
    const hash = place.hash;
    let record = this.#buckets[hash & (this.#buckets.length - 1)]!;
    while (record !== none) {
      const { words } = this.#records.memory(record);
      const at = this.#records.at(record);
      if ((words[at + HASH]! | 0) === hash) {
        if (probably !== undefined && this.holds(record, probably)) return record;
        if (this.#placeOf(record).equals(place)) return record;
      }
      record = words[at + NEXT]! | 0;
    }
    return none;
  }

  /** A new place with one route, as scanned. */
  insert(place: Place, { memory, start, end }: RouteScan): void {
    const record = this.#add(place.hash);
    if (!this.#fits(end - start)) {
      this.#put(record, [payloadOf(memory, start, end)]);
      return;
    }
    const { words } = this.#records.memory(record);
    const at = this.#records.at(record);
    words[at + LENGTH] = end - start;
    for (let i = 0; i < (end - start) >> 2; i++) words[at + head + i] = memory.words[(start >> 2) + i]!;
  }

  /** Is the scanned route all that the record holds, byte for byte? */
  holds(record: number, { memory, start, end }: RouteScan): boolean {
    const { words } = this.#records.memory(record);
    const at = this.#records.at(record);
    if (words[at + LENGTH] !== end - start) {
      const list = this.#elsewhere.get(record);
      return list?.length === 1 && list[0] === payloadOf(memory, start, end);
    }
    for (let i = 0; i < (end - start) >> 2; i++) {
      if (words[at + head + i] !== memory.words[(start >> 2) + i]) return false;
    }
    return true;
  }

  get(record: number): readonly Payload[] {
    if (record === none) return [];
    const memory = this.#records.memory(record);
    const at = this.#records.at(record);
    const length = memory.words[at + LENGTH]!;
    if (length === elsewhere) return this.#elsewhere.get(record)!;
    const start = (at + head) * 4;
    return [payloadOf(memory, start, start + length)];
  }

  /** Whether any route of a place goes out of this interface: read as it lies, without making objects. */
  uses(record: number, ifindex: number): boolean {
    const scan = this.#scan;
    if (this.#scanHere(record)) return scan.uses(ifindex);
    return this.#elsewhere.get(record)!.some(route => scan.load(route) && scan.uses(ifindex));
  }

  /** What a place holds from now on: nothing, one route or several. Takes and returns its record, or `none`. */
  set(record: number, place: Place, list: readonly Payload[]): number {
    if (list.length > 0) {
      const held = record === none ? this.#add(place.hash) : record;
      this.#put(held, list);
      return held;
    }
    if (record !== none) this.remove(record);
    return none;
  }

  remove(record: number): void {
    const { words } = this.#records.memory(record);
    const at = this.#records.at(record);
    this.#unlink(record, words[at + HASH]!, words[at + NEXT]! | 0);
    if (words[at + LENGTH] === elsewhere) this.#elsewhere.delete(record);
    this.#records.give(record);
    if (--this.size < this.#buckets.length >> 5 && this.#buckets.length > fewest) {
      this.#resize(this.#buckets.length >> 3);
    }
  }

  place(record: number): Place {
    return this.#placeOf(record).copy();
  }

  /** Good until the next call. */
  #placeOf(record: number): Place {
    if (!this.#scanHere(record)) this.#scan.load(this.#elsewhere.get(record)![0]!);
    return Place.of(this.#scan, this.#place);
  }

  /** Scans the route that a record has itself; false for one whose routes are elsewhere. */
  #scanHere(record: number): boolean {
    const memory = this.#records.memory(record);
    const at = this.#records.at(record);
    const length = memory.words[at + LENGTH]!;
    const start = (at + head) * 4;
    if (length === elsewhere) return false;
    this.#scan.scan(memory, start, start + length);
    return true;
  }

  /** The round of comparison in which it was seen last. */
  round(record: number): number {
    return this.#records.memory(record).words[this.#records.at(record) + ROUND]!;
  }

  see(record: number, round: number): void {
    this.#records.memory(record).words[this.#records.at(record) + ROUND] = round;
  }

  /** Records of all places. Changes while walking are allowed, as with a Map. */
  [Symbol.iterator](): Generator<number> {
    return this.#records[Symbol.iterator]();
  }

  #fits(length: number): boolean {
    return length <= this.#room && length % 4 === 0;
  }

  #put(record: number, list: readonly Payload[]): void {
    const { words, bytes } = this.#records.memory(record);
    const at = this.#records.at(record);
    const [first] = list;
    if (list.length > 1 || !this.#fits(first!.length)) {
      words[at + LENGTH] = elsewhere;
      this.#elsewhere.set(record, list);
      return;
    }
    words[at + LENGTH] = first!.length;
    bytes.write(first!, (at + head) * 4, 'latin1');
    this.#elsewhere.delete(record);
  }

  /** A record in the list of its bucket, still without a length. */
  #add(hash: number): number {
    if (2 * ++this.size > this.#buckets.length) this.#resize(2 * this.#buckets.length);
    const record = this.#records.take();
    const { words } = this.#records.memory(record);
    const at = this.#records.at(record);
    words[at + HASH] = hash;
    words[at + ROUND] = 0;
    const bucket = hash & (this.#buckets.length - 1);
    words[at + NEXT] = this.#buckets[bucket]!;
    this.#buckets[bucket] = record;
    return record;
  }

  /** What points to a record in the list of its bucket from now on points to the next one. */
  #unlink(record: number, hash: number, next: number): void {
    const bucket = hash & (this.#buckets.length - 1);
    let other = this.#buckets[bucket]!;
    if (other === record) {
      this.#buckets[bucket] = next;
      return;
    }
    for (;;) {
      const { words } = this.#records.memory(other);
      const at = this.#records.at(other) + NEXT;
      other = words[at]! | 0;
      if (other !== record) continue;
      words[at] = next;
      return;
    }
  }

  /** A walk over the records as they lie: 10 to 20 ms for half a million. */
  #resize(buckets: number): void {
    const first = new Int32Array(buckets).fill(none);
    this.#buckets = first;
    this.#records.forEach((record, words, at) => {
      const bucket = words[at + HASH]! & (buckets - 1);
      words[at + NEXT] = first[bucket]!;
      first[bucket] = record;
    });
  }
}
