import { ftruncateSync, readSync } from 'node:fs';
import { closeFile, punchHole, sealSize, sizeOf } from '../base/libc/files.ts';

/** What is kept of a script's output: the end of it. */
const keptBytes = 64 * 1024;
/** Written since the last look: a script this fast is looked at more often. */
const fast = 1024 * 1024;

/**
 * Standard output and standard error of one script: an unnamed file in memory. Unlike the reading end of a pipe it
 * need not be emptied, does not end the writer when we let go of it, and no background child can hold it open against
 * us. (A script that opens /dev/stderr anew truncates it: what it printed before is lost, nothing else.)
 */
export class Output {
  readonly fd: number;
  #punched = 0;
  #size = 0;

  /** @param fd an empty file in memory that can be sealed and is only appended to; closed by {@link close} */
  constructor(fd: number) {
    this.fd = fd;
  }

  /** Gives back the memory of all but the end. True when the script prints so fast that another look is due soon. */
  trim(): boolean {
    const size = sizeOf(this.fd);
    const grown = size - this.#size;
    this.#size = size;
    const superfluous = size - keptBytes;
    if (superfluous - this.#punched > keptBytes) {
      punchHole(this.fd, superfluous);
      this.#punched = superfluous;
    }
    return grown > fast;
  }

  /** The end of the output. The file is emptied and sealed: a child that still writes gets EPERM and grows nothing. */
  close(): string {
    try {
      const size = sizeOf(this.fd);
      if (size === 0) return this.#seal('');
      const length = Math.min(size, keptBytes);
      const bytes = Buffer.allocUnsafe(length);
      const count = readSync(this.fd, bytes, 0, length, size - length);
      return this.#seal(textOf(bytes.subarray(0, count), size > length));
    } finally {
      closeFile(this.fd);
    }
  }

  #seal(text: string): string {
    try {
      if (text !== '') ftruncateSync(this.fd, 0);
      sealSize(this.fd);
    } catch {
      // The script has sealed it itself (EPERM): then it is its own memory that it keeps.
    }
    return text;
  }
}

/** UTF-8, beginning with a whole character when the beginning was cut off. */
function textOf(bytes: Buffer, cut: boolean): string {
  let start = 0;
  while (cut && start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++;
  return bytes.toString('utf8', start);
}
