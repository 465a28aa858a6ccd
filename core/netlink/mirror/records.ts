import { type Memory, memory } from './memory.ts';

/** Records of one piece of memory. */
const shift = 8;
const each = 1 << shift;

/**
 * Records of one size, outside of V8's heap: what lives long there costs its garbage collector nothing. A record is a
 * number; its first word is 0 while it is nobody's, and its user's otherwise, who must write something else.
 */
export class Records {
  readonly #words: number;
  readonly #pieces: (Memory | undefined)[] = [];
  /** Of each piece: the first of its free records, in a list through their second words; and how many are used. */
  readonly #free: number[] = [];
  readonly #used: number[] = [];
  /** Pieces that have free records, the one that is filled last, and those that have no memory. */
  readonly #open: number[] = [];
  readonly #away: number[] = [];

  constructor(words: number) {
    this.#words = words;
  }

  take(): number {
    if (this.#open.length === 0) this.#open.push(this.#grow());
    const piece = this.#open.at(-1)!;
    const record = this.#free[piece]!;
    this.#free[piece] = this.memory(record).words[this.at(record) + 1]!;
    if (++this.#used[piece]! === each) this.#open.pop();
    return record;
  }

  /** A piece without any used record goes, unless it is the last one that has room. */
  give(record: number): void {
    const piece = record >> shift;
    const { words } = this.memory(record);
    const at = this.at(record);
    words[at] = 0;
    words[at + 1] = this.#free[piece]!;
    this.#free[piece] = record;
    if (this.#used[piece]!-- === each) this.#open.push(piece);
    if (this.#used[piece] !== 0 || this.#open.length === 1) return;
    this.#open.splice(this.#open.indexOf(piece), 1);
    this.#pieces[piece] = undefined;
    this.#away.push(piece);
  }

  memory(record: number): Memory {
    return this.#pieces[record >> shift]!;
  }

  /** Where it begins in `words` of its memory. */
  at(record: number): number {
    return (record & (each - 1)) * this.#words;
  }

  /** Those in use. Changes while walking are allowed, as with a Map. */
  *[Symbol.iterator](): Generator<number> {
    for (let piece = 0; piece < this.#pieces.length; piece++) {
      for (let i = 0; i < each && this.#pieces[piece] !== undefined; i++) {
        if (this.#pieces[piece]!.words[i * this.#words] !== 0) yield piece * each + i;
      }
    }
  }

  /** Number of a new piece, whose records are all free. */
  #grow(): number {
    const piece = this.#away.pop() ?? this.#pieces.length;
    const fresh = memory(each * this.#words * 4);
    this.#pieces[piece] = fresh;
    this.#used[piece] = 0;
    this.#free[piece] = piece * each;
    for (let i = 0; i < each; i++) fresh.words[i * this.#words + 1] = piece * each + i + 1;
    return piece;
  }
}
