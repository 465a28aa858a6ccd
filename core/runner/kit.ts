import { closeSync } from 'node:fs';
import { appendOnly, memoryFile, pipe } from '../base/libc/files.ts';
import { prepareSpawn } from '../base/libc/process.ts';

/** Of the file in memory that a script prints to, as /proc/PID/fd shows it. */
export const outputName = 'netconf-output';

/** Scripts run here. */
export const workingDirectory = '/';

/** The descriptors of one run: its standard input, its output, and both ends of its descriptor 3. */
export interface Kit {
  input: number;
  output: number;
  read: number;
  write: number;
  /** As the script gets them, from 0 on. */
  stdio: readonly number[];
}

/**
 * Makes the descriptors of the next run while the present one runs: between an event and its script no file has to be
 * made then. Each kit goes to one script; nothing of it is ever used twice.
 */
export class Kits {
  #spare: Kit | undefined;
  #closed = false;

  take(): Kit {
    const kit = this.#spare ?? make();
    this.#spare = undefined;
    return kit;
  }

  /** Call it when there is time. Where no descriptors can be had, `take` says so. */
  prepare(): void {
    if (this.#spare !== undefined || this.#closed) return;
    try {
      this.#spare = make();
      prepareSpawn(this.#spare.stdio, workingDirectory);
    } catch {
      // EMFILE, ENFILE: perhaps not any more when they are needed.
    }
  }

  /** No more runs: gives the spare descriptors back. */
  close(): void {
    this.#closed = true;
    if (this.#spare !== undefined) discard(this.#spare);
    this.#spare = undefined;
  }
}

function make(): Kit {
  const made: number[] = [];
  const keep = (fd: number) => {
    made.push(fd);
    return fd;
  };
  try {
    const input = keep(memoryFile('netconf-event'));
    const output = keep(memoryFile(outputName, true));
    appendOnly(output);
    const { read, write } = pipe();
    return { input, output, read, write, stdio: [input, output, output, write] };
  } catch (error) {
    for (const fd of made) closeSync(fd);
    throw error;
  }
}

function discard({ input, output, read, write }: Kit): void {
  for (const fd of [input, output, read, write]) closeSync(fd);
}
