import { AF_INET6 } from '../wire/constants.ts';
import { memory } from './memory.ts';
import type { RouteScan } from './route-scan.ts';

/** Family, lengths of both prefixes and TOS in one; table; metric; destination; source. */
const most = 3 + 4 + 4;

/**
 * The kernel's own identity of a place in a routing table: family, table, destination, source, TOS and metric. Made to
 * be filled again and again: it is good until then.
 */
export class Place {
  readonly #memory = memory(most * 4);
  readonly #words = this.#memory.words;
  #length = 0;
  hash = 0;

  /** The place of a scanned route. */
  static of(scan: RouteScan, place = new Place()): Place {
    const { bytes, words } = scan.memory;
    const own = place.#words;
    own[0] = words[scan.start >> 2]!;
    own[1] = scan.table;
    own[2] = scan.priority;
    let length = 3;
    const size = scan.family === AF_INET6 ? 4 : 1;
    if (scan.dst !== 0) for (let i = 1; i <= size; i++) own[length++] = words[(scan.dst >> 2) + i]!;
    else if (bytes[scan.start + 1] !== 0) for (let i = 0; i < size; i++) own[length++] = 0;
    if (scan.src !== 0) for (let i = 1; i <= size; i++) own[length++] = words[(scan.src >> 2) + i]!;
    place.#length = length;
    place.#mix();
    return place;
  }

  /** @param key what `key` gave */
  static at(key: string): Place {
    const place = new Place();
    place.#memory.bytes.write(key, 0, 'latin1');
    place.#length = key.length >> 2;
    place.#mix();
    return place;
  }

  /** As a text, one character a byte. */
  get key(): string {
    return this.#memory.bytes.toString('latin1', 0, this.#length << 2);
  }

  get family(): number {
    return this.#memory.bytes[0]!;
  }

  get isDefault(): boolean {
    return this.#memory.bytes[1] === 0;
  }

  copy(): Place {
    return Place.at(this.key);
  }

  equals(other: Place): boolean {
    if (this.#length !== other.#length) return false;
    for (let i = 0; i < this.#length; i++) if (this.#words[i] !== other.#words[i]) return false;
    return true;
  }

  /**
   * The finalizer of MurmurHash3, word by word, but for the last four bits of the address (on little-endian machines):
   * neighbours stay close, as they come one after the other, and the processor has them at hand. It begins with a secret,
   * so that nobody who may announce routes can choose them for one hash.
   */
  #mix(): void {
    const last = this.#words[this.#length - 1]!;
    let hash = (last & ~near) ^ secret;
    for (let i = 0; i < this.#length - 1; i++) {
      hash = Math.imul(hash ^ this.#words[i]!, 0x85ebca6b);
      hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
      hash ^= hash >>> 16;
    }
    this.hash = hash ^ ((last & near) >>> 24);
  }
}

const near = 0x0f00_0000;
const secret = Math.trunc(Math.random() * 2 ** 32);
