import { lstatSync, readFileSync, rmSync } from 'node:fs';
import { mapFile } from '../base/libc/memory.ts';

/**
 * Which plugin's code runs right now, written down before it runs: code that loops for ever cannot be interrupted, but
 * the service manager's watchdog ends the daemon, and the next start finds the culprit's name in the file.
 */
export interface OnRecord {
  /** Puts the owner on record; returns what was there before. */
  begin(owner: string): number;
  /** Takes back what `begin` did. */
  end(outer: number): void;
}

/** For programs without a daemon: keeps nothing. */
export const offRecord: OnRecord = { begin: () => 0, end: () => undefined };

/** One byte: which of the names is at work, 0 for none; then the names, each followed by a line feed. */
const bytes = 16_384;
const most = 255;

/** A record in a file that is mapped into memory: an entry costs one store, and survives the end of the process. */
export class FileRecord implements OnRecord {
  readonly #path: string;
  readonly #slots = new Map<string, number>();
  #memory: Uint8Array = new Uint8Array(bytes);
  #end = 1;

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
    mapped.set(this.#memory);
    this.#memory = mapped;
    return culprit;
  }

  begin(owner: string): number {
    const outer = this.#memory[0]!;
    this.#memory[0] = this.#slots.get(owner) ?? this.#add(owner);
    return outer;
  }

  end(outer: number): void {
    this.#memory[0] = outer;
  }

  /** Ends the record: nothing was at work when the daemon stopped. */
  remove(): void {
    this.#memory[0] = 0;
    rmSync(this.#path, { force: true });
  }

  /** A name that no longer fits goes unrecorded: 0. */
  #add(owner: string): number {
    const line = Buffer.from(`${owner}\n`);
    const slot = this.#slots.size + 1;
    if (slot > most || this.#end + line.length > bytes) return 0;
    this.#memory.set(line, this.#end);
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
  return slot === 0 ? undefined : content.subarray(1).toString('utf8').split('\n')[slot - 1];
}
