import { endianness } from 'node:os';
import { readAvailable } from './files.ts';
import { check, declare, errno, SystemError } from './library.ts';

/** sys/inotify.h; the same on every architecture (IN_NONBLOCK and IN_CLOEXEC are those of open(2)). */
const IN_CLOEXEC = 0o2000000;
const IN_NONBLOCK = 0o4000;
const IN_ATTRIB = 0x4;
const IN_MOVED = 0xc0;
const IN_CREATE = 0x100;
const IN_DELETE = 0x200;
const IN_DELETE_SELF = 0x400;
const IN_MOVE_SELF = 0x800;
const IN_DONT_FOLLOW = 0x0200_0000;
const IN_MASK_ADD = 0x2000_0000;
/** poll.h */
const POLLIN = 1;
const POLLPRI = 2;
const EINTR = 4;
/** linux/inotify.h: int wd; then mask, cookie, length of the name; then the name, filled up with NULs. */
const headBytes = 16;

const inotifyInit1 = declare<[number]>('int inotify_init1(int flags)');
const inotifyAddWatch = declare<[number, string, number]>(
  'int inotify_add_watch(int fd, const char *path, uint32_t mask)',
);
const poll = declare<[Uint8Array, number, number]>(
  'int poll(_Inout_ void *descriptors, unsigned long count, int timeout)',
);

/** A new inotify(7) instance, closed on exec. Throws SystemError (EMFILE). */
export function openInotify(): number {
  return check('inotify_init1', inotifyInit1(IN_CLOEXEC | IN_NONBLOCK));
}

/**
 * Watches a file, directory or link itself: owner, permissions, being moved or deleted; with `entries` also what comes
 * into a directory and goes. Returns the watch's number, one for each inode. Throws SystemError (ENOENT, ENOSPC).
 */
export function watchPath(fd: number, path: string, entries: boolean): number {
  const self = IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_DONT_FOLLOW | IN_MASK_ADD;
  const mask = entries ? self | IN_CREATE | IN_DELETE | IN_MOVED : self;
  return check('inotify_add_watch', inotifyAddWatch(fd, path, mask));
}

/** What has changed: what the watch is for, or the entry of that name in it. Of an overflow the watch is -1. */
export interface Change {
  watch: number;
  name: string | undefined;
}

const buffer = Buffer.allocUnsafeSlow(16 * 1024);

/** Takes up to some hundred of the changes that wait. Throws SystemError. */
export function takeChanges(fd: number): Change[] {
  const length = readAvailable(fd, buffer);
  const word = (at: number) => (endianness() === 'LE' ? buffer.readInt32LE(at) : buffer.readInt32BE(at));
  const changes: Change[] = [];
  for (let at = 0; at < length; ) {
    const end = at + headBytes + word(at + 12);
    const name = buffer.toString('utf8', at + headBytes, end).replace(/\0+$/, '');
    changes.push({ watch: word(at), name: name === '' ? undefined : name });
    at = end;
  }
  return changes;
}

/** Tells in one system call, laid out once, whether an inotify instance or a list of mounts has news. */
export class News {
  readonly #table: Uint8Array;

  /** @param mounts `/proc/self/mountinfo`, open: poll(2) tells once of each change (proc_pid_mountinfo(5)) */
  constructor(inotify: number, mounts: number) {
    // struct pollfd: int fd; short events; short revents.
    this.#table = new Uint8Array(new ArrayBuffer(128), 0, 16);
    const view = new DataView(this.#table.buffer);
    const little = endianness() === 'LE';
    view.setInt32(0, inotify, little);
    view.setInt16(4, POLLIN, little);
    view.setInt32(8, mounts, little);
    view.setInt16(12, POLLPRI, little);
  }

  look(): { changes: boolean; mounts: boolean } | undefined {
    const count = poll(this.#table, 2, 0);
    if (count === 0) return undefined;
    if (count < 0 && errno() !== EINTR) throw new SystemError('poll', errno());
    // revents, of each; after a signal both have to be looked at.
    const [changes, mounts] = [this.#table[6]! + this.#table[7]!, this.#table[14]! + this.#table[15]!];
    return { changes: count < 0 || changes !== 0, mounts: count < 0 || mounts !== 0 };
  }
}
