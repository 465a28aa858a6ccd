import { lstatSync, type Stats, statSync } from 'node:fs';
import { constants, endianness } from 'node:os';
import { declare, errno } from './library.ts';

/** What lstat(2) or stat(2) say of a path, as far as ownership and change are concerned. */
export interface FileStatus {
  uid: number;
  /** Type and permissions. */
  mode: number;
  /** Tells one state of one file from another: device, inode, times of change to the nanosecond. */
  mark: string;
  /** Milliseconds since the epoch: when the inode changed last. */
  changedMs: number;
}

export const S_IFMT = 0o170000;
export const S_IFDIR = 0o040000;
export const S_IFREG = 0o100000;
export const S_IFLNK = 0o120000;

/** linux/stat.h, linux/fcntl.h. struct statx is the same on every architecture. */
const STATX_BASIC_STATS = 0x7ff;
const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;

const statx = declare<[number, string, number, number, Buffer]>(
  'int statx(int directory, const char *path, int flags, unsigned int mask, _Out_ void *status)',
);
const status = Buffer.alloc(256);
const view = new DataView(status.buffer, status.byteOffset, status.length);
const little = endianness() === 'LE';
const names = new Map(Object.entries(constants.errno).map(([name, number]) => [number as number, name]));

/**
 * Looks at a path, at a link itself unless `follow`. Twice as fast as Node's, which matters where each component of each
 * path is looked at for each event. The name of the error (`ENOENT`, `ENOTDIR`…) where nothing can be said.
 */
export function fileStatus(path: string, follow: boolean): FileStatus | string {
  if (path.includes('\0')) return 'EINVAL';
  let result: number;
  try {
    result = statx(AT_FDCWD, path, follow ? 0 : AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, status);
  } catch {
    return slowly(path, follow);
  }
  if (result < 0) return names.get(errno()) ?? 'unknown error';
  const words = (offset: number) => `${view.getUint32(offset, little)},${view.getUint32(offset + 4, little)}`;
  const changed = Number(view.getBigInt64(96, little));
  return {
    uid: view.getUint32(20, little),
    mode: view.getUint16(28, little),
    // stx_dev, stx_ino, stx_ctime, stx_mtime: seconds of 64 bits, nanoseconds of 32.
    mark: `${words(136)}:${words(32)}:${words(96)},${view.getUint32(104, little)}:${words(112)},${view.getUint32(120, little)}`,
    changedMs: changed * 1000 + view.getUint32(104, little) / 1e6,
  };
}

/** musl has statx since 1.2.5 only. */
function slowly(path: string, follow: boolean): FileStatus | string {
  try {
    const found: Stats = follow ? statSync(path) : lstatSync(path);
    const { uid, mode, dev, ino, ctimeMs, mtimeMs } = found;
    return { uid, mode, mark: `${dev}:${ino}:${ctimeMs}:${mtimeMs}`, changedMs: ctimeMs };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown error';
  }
}
