import { align, NLA_TYPE_MASK } from '../wire/constants.ts';
import { type Memory, memory, type Payload } from './memory.ts';

/** Bytes of `struct ifinfomsg`; `ifi_flags` is its third word. */
const headerLength = 16;
/** More than IFLA_MAX of linux/if_link.h. */
const mostTypes = 128;

/**
 * A message about a link without decoding it: where each attribute lies. Good until the next `load`; for a few looks,
 * where a `Message` would be made for nothing.
 */
export class LinkScan {
  /** An attribute that comes twice, a type out of range, bytes that are no attribute: only decoding tells more. */
  strange = false;
  readonly types: number[] = [];
  readonly #starts = new Uint16Array(mostTypes);
  readonly #lengths = new Uint16Array(mostTypes);
  #memory: Memory = memory(4096);

  load(payload: Payload): this {
    for (const type of this.types) this.#starts[type] = 0;
    this.types.length = 0;
    if (payload.length > this.#memory.bytes.length) this.#memory = memory(payload.length * 2);
    const { bytes, halves } = this.#memory;
    bytes.write(payload, 0, 'latin1');
    let at = headerLength;
    this.strange = payload.length > 0xffff;
    while (at + 4 <= payload.length) {
      const length = halves[at >> 1]!;
      const type = halves[(at >> 1) + 1]! & NLA_TYPE_MASK;
      if (length < 4 || at + length > payload.length || type >= mostTypes || this.#starts[type] !== 0) break;
      this.#starts[type] = at + 4;
      this.#lengths[type] = length - 4;
      this.types.push(type);
      at += align(length);
    }
    if (at < payload.length) this.strange = true;
    return this;
  }

  /** `ifi_flags`. */
  get flags(): number {
    return this.#memory.words[2]!;
  }

  has(type: number): boolean {
    return this.#starts[type] !== 0;
  }

  /** An attribute of 32 bits. */
  number(type: number): number | undefined {
    return this.has(type) && this.#lengths[type] === 4
      ? this.#memory.words[this.#starts[type]! >> 2]!
      : undefined;
  }

  byte(type: number): number | undefined {
    return this.has(type) && this.#lengths[type] === 1 ? this.#memory.bytes[this.#starts[type]!] : undefined;
  }

  /** The byte of an attribute two levels below one of the link. */
  byteWithin(type: number, middle: number, inner: number): number | undefined {
    if (!this.has(type)) return undefined;
    const start = this.#starts[type]!;
    const outer = this.#find(start, start + this.#lengths[type]!, middle);
    const found = outer && this.#find(outer.start, outer.end, inner);
    return found && found.end - found.start === 1 ? this.#memory.bytes[found.start] : undefined;
  }

  /** Has this attribute the same bytes in both? */
  isSame(type: number, other: LinkScan): boolean {
    if (this.has(type) !== other.has(type) || this.#lengths[type] !== other.#lengths[type]) return false;
    const here = this.#starts[type]! >> 2;
    const there = other.#starts[type]! >> 2;
    const count = (this.#lengths[type]! + 3) >> 2;
    for (let word = 0; word < count; word++) {
      if (this.#memory.words[here + word] !== other.#memory.words[there + word]) return false;
    }
    return true;
  }

  #find(start: number, end: number, wanted: number): { start: number; end: number } | undefined {
    const { halves } = this.#memory;
    for (let at = start; at + 4 <= end; ) {
      const length = halves[at >> 1]!;
      if (length < 4 || at + length > end) return undefined;
      if ((halves[(at >> 1) + 1]! & NLA_TYPE_MASK) === wanted) return { start: at + 4, end: at + length };
      at += align(length);
    }
    return undefined;
  }
}
