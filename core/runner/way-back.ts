import { messageOf } from '../base/errors.ts';
import { closeFile, readAvailable } from '../base/libc/files.ts';

/** An event that a script asks for on file descriptor 3. */
export interface Emission {
  event: string;
  /** Absent: the interface of the script's own event. Null: none. */
  interface?: string | null;
  data: Record<string, unknown>;
}

const mostLines = 256;
const longestLine = 4096;
const shownRefusals = 4;
/** Read at most so much at one look, so that a script that never stops writing holds nothing up. */
const mostAtOnce = 16;
const buffer = Buffer.allocUnsafe(64 * 1024);
const nothing = Buffer.alloc(0);

/**
 * The reading end of a script's file descriptor 3: at most 256 lines of 4,096 bytes. `emit` throws for what it
 * refuses; why is said in {@link error}. What comes after the bound is read and thrown away, so that the script is not
 * held up.
 */
export class WayBack {
  readonly #fd: number;
  readonly #emit: (emission: Emission) => void;
  readonly #refusals: string[] = [];
  #refused = 0;
  #rest = nothing;
  #lines = 0;
  #skipping = false;

  constructor(fd: number, emit: (emission: Emission) => void) {
    this.#fd = fd;
    this.#emit = emit;
  }

  /** Why lines were refused; undefined when none was. */
  get error(): string | undefined {
    if (this.#refused === 0) return undefined;
    const more = this.#refused - this.#refusals.length;
    return [...this.#refusals, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
  }

  /** Emits what has been written so far. */
  drain(): void {
    for (let round = 0; round < mostAtOnce; round++) {
      const count = readAvailable(this.#fd, buffer);
      if (count <= 0) return;
      this.#take(buffer.subarray(0, count));
    }
  }

  /** Emits what is left, a last line without its end too, and closes. */
  close(): void {
    try {
      this.drain();
      if (this.#rest.length > 0 && !this.#skipping) this.#line(this.#rest);
    } finally {
      this.#rest = nothing;
      closeFile(this.#fd);
    }
  }

  #take(bytes: Buffer): void {
    let start = 0;
    while (start < bytes.length) {
      const end = bytes.indexOf(0x0a, start);
      const part = bytes.subarray(start, end < 0 ? bytes.length : end);
      if (!this.#skipping && this.#rest.length + part.length > longestLine) {
        this.#lines++;
        this.#refuse(`longer than ${longestLine} bytes`);
        this.#skipping = true;
        this.#rest = nothing;
      }
      if (!this.#skipping) this.#rest = Buffer.concat([this.#rest, part]);
      if (end < 0) return;
      if (!this.#skipping) this.#line(this.#rest);
      this.#skipping = false;
      this.#rest = nothing;
      start = end + 1;
    }
  }

  #line(bytes: Buffer): void {
    const text = bytes.toString('utf8').trim();
    if (text === '' || text.startsWith('#')) return;
    if (++this.#lines > mostLines) {
      this.#refuse(`more than ${mostLines} lines`);
      return;
    }
    try {
      this.#emit(readEmission(text));
    } catch (error) {
      this.#refuse(messageOf(error).slice(0, 200));
    }
  }

  #refuse(reason: string): void {
    if (this.#refused++ < shownRefusals)
      this.#refusals.push(`line ${this.#lines} on descriptor 3: ${reason}`);
  }
}

/**
 * One line: `EVENT [KEY=VALUE]…`, words parted by blanks, with the shell's `'…'`, `"…"` and backslash (and nothing else
 * of a shell); `INTERFACE=NAME` names the interface, `INTERFACE=` none. Or a JSON object
 * `{"event": …, "interface": …, "data": {…}}`. The event's name is not checked here. Throws an Error that says what is
 * wrong.
 */
function readEmission(line: string): Emission {
  return line.startsWith('{') ? readJson(line) : readWords(line);
}

function readJson(line: string): Emission {
  const value = JSON.parse(line) as Record<string, unknown>;
  const { event, data = {}, interface: name } = value;
  if (typeof event !== 'string') throw new Error('"event" must be a string');
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw new Error('"data" must be an object');
  }
  if (name !== undefined && name !== null && typeof name !== 'string') {
    throw new Error('"interface" must be a string or null');
  }
  return {
    event,
    ...(name !== undefined && { interface: name === '' ? null : name }),
    data: data as Record<string, unknown>,
  };
}

function readWords(line: string): Emission {
  const [event = '', ...pairs] = splitWords(line);
  const data: [string, string][] = [];
  let name: string | null | undefined;
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw new Error(`not KEY=VALUE: ${pair.slice(0, 80)}`);
    const key = pair.slice(0, at);
    const value = pair.slice(at + 1);
    if (key === 'INTERFACE') name = value === '' ? null : value;
    else data.push([key, value]);
  }
  return { event, ...(name !== undefined && { interface: name }), data: Object.fromEntries(data) };
}

function splitWords(line: string): string[] {
  const words: string[] = [];
  const piece = /([ \t]+)|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^ \t'"\\]+)/y;
  let word: string | undefined;
  while (piece.lastIndex < line.length) {
    const at = piece.lastIndex;
    const found = piece.exec(line);
    if (found === null) throw new Error(`a quote that does not end: ${line.slice(at, at + 40)}`);
    const [, blanks, single, double, escaped, plain] = found;
    if (blanks !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      const text = single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain ?? '';
      word = (word ?? '') + text;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}
