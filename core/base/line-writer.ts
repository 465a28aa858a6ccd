import { writeSync } from 'node:fs';
import { isWritable } from './libc/poll.ts';

/** Lines that may wait for a slow reader. */
const longestQueue = 4_096;
/** Bytes that one write of a pipe takes whole (PIPE_BUF, pipe(7)). */
const oneWrite = 4_096;
/** Milliseconds between attempts while the reader is full, and that one turn of writing may take. */
const pause = 20;
const oneTurn = 4;

/**
 * Writes lines to a descriptor that may be a terminal, a pipe or a socket, without ever waiting for its reader: Node
 * itself blocks on all three. A line is made when it is about to be written; those that a slow reader misses are counted
 * and the count is told in their place. When the reader is gone, all is dropped.
 */
export class LineWriter {
  readonly #fd: number;
  readonly #missed: (count: number) => string;
  #queue: (() => string)[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #lost = 0;
  #gone = false;
  #held = false;
  #scheduled: NodeJS.Timeout | NodeJS.Immediate | undefined;

  /** @param missed the line that stands for so many others */
  constructor(fd: number, missed: (count: number) => string) {
    this.#fd = fd;
    this.#missed = missed;
  }

  write(line: () => string): void {
    if (this.#gone) return;
    if (this.#queue.length >= longestQueue) this.#lost++;
    else this.#queue.push(line);
    if (!this.#held || this.#queue.length === longestQueue) this.release();
  }

  /** Keeps lines until `release`, as many as may wait for a slow reader: while something else is to be done first. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    if (this.#waiting) this.#scheduled ??= setImmediate(() => this.#turn());
  }

  /** Writes what can be written at once; what is left is dropped. */
  end(): void {
    for (let turns = 0; turns < 50 && this.#waiting; turns++) this.#turn();
    clearTimeout(this.#scheduled as NodeJS.Timeout);
    clearImmediate(this.#scheduled as NodeJS.Immediate);
    this.#gone = true;
  }

  get #waiting(): boolean {
    return !this.#gone && (this.#rest.length > 0 || this.#queue.length > 0 || this.#lost > 0);
  }

  #turn(): void {
    this.#scheduled = undefined;
    const until = performance.now() + oneTurn;
    let writable = true;
    while (this.#waiting && writable && performance.now() < until) {
      if (this.#rest.length === 0) this.#rest = this.#next();
      writable = this.#send();
    }
    if (!this.#waiting) return;
    this.#scheduled = writable ? setImmediate(() => this.#turn()) : setTimeout(() => this.#turn(), pause);
  }

  #next(): Buffer {
    const lines: string[] = [];
    let length = 0;
    while (this.#queue.length > 0 && length < oneWrite) {
      const line = made(this.#queue.shift()!);
      lines.push(line);
      length += line.length;
    }
    if (this.#queue.length === 0 && this.#lost > 0) {
      lines.push(`${this.#missed(this.#lost)}\n`);
      this.#lost = 0;
    }
    return Buffer.from(lines.join(''));
  }

  /** False when the reader is full. */
  #send(): boolean {
    if (!isWritable(this.#fd)) return false;
    try {
      this.#rest = this.#rest.subarray(
        writeSync(this.#fd, this.#rest, 0, Math.min(this.#rest.length, oneWrite)),
      );
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
      this.#gone = true;
      this.#queue = [];
      return false;
    }
  }
}

/** A line that cannot be made is left out: it must not keep the others back. */
function made(line: () => string): string {
  try {
    return `${line()}\n`;
  } catch {
    return '';
  }
}
