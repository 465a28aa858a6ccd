import { readFileSync, unlinkSync } from 'node:fs';
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
  readonly #memory: Uint8Array;
  readonly #slots = new Map<string, number>();
  #end = 1;

  constructor(path: string) {
    this.#path = path;
    this.#memory = mapFile(path, bytes);
    this.#memory.fill(0);
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
    try {
      unlinkSync(this.#path);
    } catch {
      // Somebody else removed it.
    }
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

/** The plugin whose code was running when the last daemon ended, if one was. Read it before a new record is made. */
export function culpritOf(path: string): string | undefined {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch {
    return undefined;
  }
  const slot = content[0] ?? 0;
  if (slot === 0) return undefined;
  return content.subarray(1).toString('utf8').split('\n')[slot - 1];
}
