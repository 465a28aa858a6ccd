import { isUtf8 } from 'node:buffer';

/** The message is not usable. When `fatal`, neither is what follows: the connection must be closed. */
export class FramingError extends Error {
  readonly fatal: boolean;

  constructor(message: string, fatal: boolean) {
    super(message);
    this.name = 'FramingError';
    this.fatal = fatal;
  }
}

/** A held buffer above this size is given back once its message is out. */
const keep = 64 * 1024;

/** What a waiting chunk costs beyond its bytes: a sender of single bytes must not be cheap. */
const overhead = 256;

/**
 * Takes a stream of bytes apart into messages, each ended by a NUL byte (varlink.org/Method-Call). Pure: bytes in
 * by `push`, messages out by `next`, however the bytes were cut. Each byte is looked at once and copied at most
 * a constant number of times; an unfinished message takes at most twice its length of memory.
 */
export class Framer {
  readonly #longest: number;
  #chunks: Buffer[] = [];
  #first = 0;
  #at = 0;
  #backlog = 0;
  #held: Buffer = nothing;
  #length = 0;
  #broken = false;

  /** @param longest bytes of a message, without its NUL */
  constructor(longest: number) {
    this.#longest = longest;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0 || this.#broken) return;
    this.#chunks.push(chunk);
    this.#backlog += chunk.length + overhead;
  }

  /** What it costs to hold what was pushed and not yet taken, unfinished messages aside. */
  get backlog(): number {
    return this.#backlog;
  }

  /** Whether a message has begun and not ended. Known once `next` has returned undefined. */
  get unfinished(): boolean {
    return this.#length > 0;
  }

  /**
   * The next whole message as text, or undefined. Throws {@link FramingError}: not fatal for bytes that are no
   * UTF-8 (the messages behind it can still be taken), fatal for a message that is too long.
   */
  next(): string | undefined {
    for (let chunk = this.#chunks[this.#first]; chunk !== undefined; chunk = this.#chunks[this.#first]) {
      const end = chunk.indexOf(0, this.#at);
      const piece = chunk.subarray(this.#at, end < 0 ? chunk.length : end);
      if (this.#length + piece.length > this.#longest) this.#break();
      if (end < 0) {
        this.#hold(piece);
        this.#drop(chunk);
        continue;
      }
      this.#at = end + 1;
      if (this.#at === chunk.length) this.#drop(chunk);
      return this.#take(piece);
    }
    return undefined;
  }

  #drop(chunk: Buffer): void {
    this.#at = 0;
    this.#first++;
    this.#backlog -= chunk.length + overhead;
    // Moving the rest down only now and then keeps many small chunks from costing their number squared.
    if (this.#first === this.#chunks.length) {
      this.#chunks = [];
      this.#first = 0;
    } else if (this.#first >= 1024) {
      this.#chunks.splice(0, this.#first);
      this.#first = 0;
    }
  }

  #hold(piece: Buffer): void {
    const length = this.#length + piece.length;
    if (length > this.#held.length) {
      const room = Buffer.allocUnsafeSlow(
        Math.min(Math.max(length, this.#held.length * 2, 256), this.#longest),
      );
      this.#held.copy(room, 0, 0, this.#length);
      this.#held = room;
    }
    piece.copy(this.#held, this.#length);
    this.#length = length;
  }

  #take(piece: Buffer): string {
    let message = piece;
    if (this.#length > 0) {
      this.#hold(piece);
      message = this.#held.subarray(0, this.#length);
      this.#length = 0;
      if (this.#held.length > keep) this.#held = nothing;
    }
    if (!isUtf8(message)) throw new FramingError('the message is not UTF-8', false);
    return message.toString('utf8');
  }

  #break(): never {
    this.#broken = true;
    this.#chunks = [];
    this.#first = 0;
    this.#at = 0;
    this.#backlog = 0;
    this.#held = nothing;
    this.#length = 0;
    throw new FramingError(`a message is longer than ${this.#longest} bytes`, true);
  }
}

const nothing = Buffer.alloc(0);
