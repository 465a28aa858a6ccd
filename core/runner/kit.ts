import { appendOnly, closeFile, memoryFile, pipe } from '../base/libc/files.ts';
import { prepareSpawn } from '../base/libc/process.ts';

/** Of the file in memory that a script prints to, as /proc/PID/fd shows it. */
export const outputName = 'netconf-output';

/** Scripts run here. */
export const workingDirectory = '/';

/** The descriptors of one run: both ends of its standard input, its output, both ends of its descriptor 3. */
export interface Kit {
  input: number;
  feed: number;
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
    const { read: input, write: feed } = pipe('write');
    keep(input);
    keep(feed);
    const output = keep(memoryFile(outputName, true));
    appendOnly(output);
    const { read, write } = pipe();
    keep(read);
    keep(write);
    const stdio = [input, output, output, write];
    prepareSpawn(stdio, workingDirectory);
    return { input, feed, output, read, write, stdio };
  } catch (error) {
    for (const fd of made) closeFile(fd);
    throw error;
  }
}

function discard({ input, feed, output, read, write }: Kit): void {
  for (const fd of [input, feed, output, read, write]) closeFile(fd);
}
