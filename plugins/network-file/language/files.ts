import { isUtf8 } from 'node:buffer';
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';

/** How the reader reaches files: what lies on the disk, or what lay there when it was last applied. */
export interface Files {
  /** Undefined where there is no such file. Throws an Error with a sentence where it cannot be read. */
  read(path: string): string | undefined;
  /** Names in a directory; none where there is no such directory. */
  list(directory: string): string[];
}

/** Bytes: more is no network file that somebody has written. */
export const largestFile = 8 * 1024 * 1024;

/** @param trust the owner rule: throws nothing, says why a file is not to be believed */
export function filesOnDisk(trust: (path: string) => { path: string } | { reason: string }): Files {
  return {
    read: path => {
      try {
        // Before it is opened: opening a device may do something.
        refuseStrange(statSync(path));
        const trusted = trust(path);
        if ('reason' in trusted) throw new Error(trusted.reason);
        return readText(path);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT') return undefined;
        throw code === undefined ? error : new Error(sentences[code] ?? (error as Error).message);
      }
    },
    list: directory => {
      try {
        return readdirSync(directory);
      } catch {
        return [];
      }
    },
  };
}

/** Files as they were: their paths and texts. */
export function filesInMemory(texts: ReadonlyMap<string, string>): Files {
  return {
    read: path => texts.get(path),
    list: directory =>
      [...texts.keys()].flatMap(path =>
        path.startsWith(`${directory}/`) ? [path.slice(directory.length + 1)] : [],
      ),
  };
}

const sentences: Readonly<Record<string, string>> = {
  EACCES: 'it cannot be read: permission denied',
  ELOOP: 'its links lead in a circle',
  ENOTDIR: 'what stands before its last / is no directory',
  ENAMETOOLONG: 'its name is too long',
};

/** Never waits: who opens a named pipe without a writer would. */
function readText(path: string): string {
  const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants;
  const fd = openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  try {
    const status = fstatSync(fd);
    refuseStrange(status);
    // One byte more than there should be: a file that grows meanwhile is found out.
    const bytes = Buffer.alloc(Math.min(status.size, largestFile) + 1);
    let length = 0;
    for (let more = 1; more > 0 && length < bytes.length; length += more)
      more = readSync(fd, bytes, length, bytes.length - length, null);
    if (length > largestFile)
      throw new Error(`larger than ${largestFile / 1024 / 1024} MiB: that is no network file`);
    const text = bytes.subarray(0, length);
    if (text.includes(0)) throw new Error('a zero byte: this is no text');
    if (!isUtf8(text)) throw new Error(`not UTF-8 from line ${firstBadLine(text)} on: this is no text`);
    return text.toString('utf8');
  } finally {
    closeSync(fd);
  }
}

function refuseStrange(status: Stats): void {
  if (!status.isFile())
    throw new Error(status.isDirectory() ? 'a directory, where a file was expected' : 'not a regular file');
}

function firstBadLine(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(10, start);
    if (!isUtf8(bytes.subarray(start, end < 0 ? bytes.length : end))) return line;
    if (end < 0) break;
    start = end + 1;
  }
  return line;
}
