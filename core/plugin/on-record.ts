import { lstatSync, readFileSync, rmSync } from 'node:fs';
import { mapFile } from '../base/libc/memory.ts';

/**
 * Which plugin's code runs right now, written down before it runs: code that loops for ever cannot be interrupted, but
 * the service manager's watchdog ends the daemon, and the next start finds the culprit's name in the file. Code that has
 * been at work for less than a second by then loops not for ever: the daemon was ended for another reason.
 */
export interface OnRecord {
  /** The number under which an owner goes on record; 0 goes unrecorded. */
  slotOf(owner: string): number;
  /** Puts a slot on record; returns what was there before, which `set` puts back afterwards. */
  set(slot: number): number;
}

/** For programs without a daemon: keeps nothing. */
export const offRecord: OnRecord = { slotOf: () => 0, set: () => 0 };

/**
 * One byte: which of the names is at work, 0 for none; eight: since when, in milliseconds of the clock that goes on
 * through restarts of programs (CLOCK_MONOTONIC), as a big-endian double; then the names, each followed by a line feed.
 */
const bytes = 16_384;
const sinceAt = 1;
const namesAt = 9;
const most = 255;
const shortest = 1000;

/** A record in a file that is mapped into memory: an entry costs one store, and survives the end of the process. */
export class FileRecord implements OnRecord {
  readonly #path: string;
  readonly #slots = new Map<string, number>();
  #timed = false;
  readonly #endTurn = () => {
    this.#timed = false;
  };
  #memory: DataView = new DataView(new ArrayBuffer(bytes));
  #end = namesAt;

  /** Nothing is written to a file before `open`. */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Begins the record in the file. Returns the plugin whose code was running when the last daemon ended, if one was.
   * Throws where the file cannot be made; the record then goes on in memory alone.
   */
  open(): string | undefined {
    const culprit = culpritOf(this.#path);
    rmSync(this.#path, { force: true });
    const mapped = mapFile(this.#path, bytes);
    mapped.set(new Uint8Array(this.#memory.buffer));
    this.#memory = new DataView(mapped.buffer, mapped.byteOffset, bytes);
    return culprit;
  }

  slotOf(owner: string): number {
    return this.#slots.get(owner) ?? this.#add(owner);
  }

  set(slot: number): number {
    const outer = this.#memory.getUint8(0);
    // Once in a turn of the loop: asking the clock takes longer than all the rest.
    if (slot !== 0 && !this.#timed) {
      this.#timed = true;
      this.#memory.setFloat64(sinceAt, now());
      setImmediate(this.#endTurn);
    }
    this.#memory.setUint8(0, slot);
    return outer;
  }

  /** Ends the record: nothing was at work when the daemon stopped. */
  remove(): void {
    this.#memory.setUint8(0, 0);
    rmSync(this.#path, { force: true });
  }

  /** A name that no longer fits goes unrecorded. */
  #add(owner: string): number {
    const line = Buffer.from(`${owner}\n`);
    const slot = this.#slots.size + 1;
    if (slot > most || this.#end + line.length > bytes) return 0;
    new Uint8Array(this.#memory.buffer, this.#memory.byteOffset).set(line, this.#end);
    this.#end += line.length;
    this.#slots.set(owner, slot);
    return slot;
  }
}

/** Only a file of this user is believed. */
function culpritOf(path: string): string | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found?.isFile() || found.uid !== process.geteuid?.()) return undefined;
  const content = readFileSync(path);
  const slot = content[0] ?? 0;
  if (slot === 0 || content.length < namesAt || now() - content.readDoubleBE(sinceAt) < shortest)
    return undefined;
  return content.subarray(namesAt).toString('utf8').split('\n')[slot - 1];
}

function now(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}
