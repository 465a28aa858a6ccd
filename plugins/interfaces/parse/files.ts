import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';

/** How the parser reaches files: the one seam for a test, and for a daemon that must not be kept waiting. */
export interface Files {
  /** The content, and what tells the file from others. Throws node's errors. */
  read(path: string): { content: string; identity: string };
  /** Names in a directory, without `.` and `..`. Throws node's errors. */
  list(directory: string): string[];
  /** Undefined where nothing is. */
  kind(path: string): 'directory' | 'other' | undefined;
}

export interface FileOptions {
  /** `latin1` keeps each byte; with `utf8` what is none becomes U+FFFD. @default utf8 */
  encoding?: 'utf8' | 'latin1';
  /** Refuse what is no regular file: reading a pipe or a device can take for ever. @default true */
  regularOnly?: boolean;
}

/** More than any configuration has: a file that goes on (a device) is not read for ever. */
const longest = 64 * 1024 * 1024;

export function systemFiles({ encoding = 'utf8', regularOnly = true }: FileOptions = {}): Files {
  return {
    read: path => {
      const fd = openSync(
        encode(path, encoding),
        constants.O_RDONLY | (regularOnly ? constants.O_NONBLOCK : 0),
      );
      try {
        const stats = fstatSync(fd);
        if (regularOnly && !stats.isFile() && !stats.isDirectory()) {
          throw Object.assign(new Error('ENODEV: not a regular file, read'), { code: 'ENODEV' });
        }
        return { content: readAll(fd, encoding), identity: `${stats.dev}:${stats.ino}` };
      } finally {
        closeSync(fd);
      }
    },
    list: directory => readdirSync(encode(directory, encoding), { encoding }),
    kind: path => {
      try {
        return statSync(encode(path, encoding)).isDirectory() ? 'directory' : 'other';
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'other';
      }
    },
  };
}

function readAll(fd: number, encoding: BufferEncoding): string {
  const parts: Buffer[] = [];
  let total = 0;
  for (;;) {
    const part = Buffer.allocUnsafe(65_536);
    const count = readSync(fd, part);
    if (count === 0) return Buffer.concat(parts).toString(encoding);
    parts.push(part.subarray(0, count));
    total += count;
    if (total > longest) {
      throw Object.assign(new Error('EFBIG: file too large, read'), { code: 'EFBIG' });
    }
  }
}

function encode(path: string, encoding: BufferEncoding): Buffer {
  return Buffer.from(path, encoding);
}

/** The C library's words for what opening and reading a file comes to; errno(3). */
const sentences: Readonly<Record<string, string>> = {
  EACCES: 'Permission denied',
  EFBIG: 'File too large',
  EIO: 'Input/output error',
  EISDIR: 'Is a directory',
  ELOOP: 'Too many levels of symbolic links',
  EMFILE: 'Too many open files',
  ENAMETOOLONG: 'File name too long',
  ENODEV: 'Not a regular file',
  ENOENT: 'No such file or directory',
  ENOTDIR: 'Not a directory',
  ENXIO: 'No such device or address',
  EPERM: 'Operation not permitted',
};

export function fileSentence(error: unknown): string {
  const { code = '', message = '' } = error as NodeJS.ErrnoException;
  return sentences[code] ?? message;
}

/** Whether the file could be opened: what went wrong then came while it was read. */
export function failedReading(error: unknown): boolean {
  const { code = '', syscall = 'read' } = error as NodeJS.ErrnoException;
  return code === 'EISDIR' || syscall === 'read';
}
