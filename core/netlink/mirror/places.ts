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
/** Of the table, by the upper bits of a hash; and the fewest buckets of one. */
const parts = 64;
const fewest = 8;

/** The first record of each bucket, of which there are a power of two; its others follow through NEXT. */
interface Part {
  first: Int32Array;
  size: number;
}

/**
 * Places of routing tables and what they hold: one route, or several in the kernel's order. A place is a record: with
 * the bytes of its route, or, where that is long or not alone, with a place in a Map of strings.
 *
 * A hash table whose records take no part in garbage collection, in parts, each of which grows by itself: all of a
 * million places at once would hold the loop for longer than it may be held.
 */
export class Places {
  readonly #room: number;
  readonly #records: Records;
  readonly #elsewhere = new Map<number, readonly Payload[]>();
  readonly #scan = new RouteScan();
  readonly #place = new Place();
  readonly #parts = Array.from({ length: parts }, (): Part => ({ first: empty(fewest), size: 0 }));
  size = 0;

  /** @param room bytes that a record has for a route: a multiple of 4 */
  constructor(room: number) {
    this.#room = room;
    this.#records = new Records(head + room / 4);
  }

  /** The record of a place, or `none`. Found sooner with the route that is probably there. */
  find(place: Place, probably?: RouteScan): number {
    const hash = place.hash;
    const { first } = this.#part(hash);
    let record = first[hash & (first.length - 1)]!;
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
    this.size--;
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
    const part = this.#part(hash);
    if (2 * ++part.size > part.first.length) this.#resize(part, 2 * part.first.length);
    this.size++;
    const record = this.#records.take();
    const { words } = this.#records.memory(record);
    const at = this.#records.at(record);
    words[at + HASH] = hash;
    words[at + ROUND] = 0;
    const bucket = hash & (part.first.length - 1);
    words[at + NEXT] = part.first[bucket]!;
    part.first[bucket] = record;
    return record;
  }

  /** What points to a record in the list of its bucket from now on points to the next one. */
  #unlink(record: number, hash: number, next: number): void {
    const part = this.#part(hash);
    const { first } = part;
    const bucket = hash & (first.length - 1);
    let other = first[bucket]!;
    if (other === record) first[bucket] = next;
    while (other !== record) {
      const { words } = this.#records.memory(other);
      const at = this.#records.at(other) + NEXT;
      other = words[at]! | 0;
      if (other === record) words[at] = next;
    }
    part.size--;
    if (first.length > fewest && part.size < first.length >> 5) this.#resize(part, first.length >> 3);
  }

  #part(hash: number): Part {
    return this.#parts[hash >>> 26]!;
  }

  #resize(part: Part, length: number): void {
    const before = part.first;
    const first = empty(Math.max(length, fewest));
    part.first = first;
    for (let i = 0; i < before.length; i++) {
      for (let record = before[i]!, next: number; record !== none; record = next) {
        const { words } = this.#records.memory(record);
        const at = this.#records.at(record);
        const bucket = words[at + HASH]! & (first.length - 1);
        next = words[at + NEXT]! | 0;
        words[at + NEXT] = first[bucket]!;
        first[bucket] = record;
      }
    }
  }
}

function empty(buckets: number): Int32Array {
  return new Int32Array(buckets).fill(none);
}
