import { endianness } from 'node:os';
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
 * into a directory and goes. Throws SystemError (ENOENT, ENOSPC).
 */
export function watchPath(fd: number, path: string, entries: boolean): void {
  const self = IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_DONT_FOLLOW | IN_MASK_ADD;
  const mask = entries ? self | IN_CREATE | IN_DELETE | IN_MOVED : self;
  check('inotify_add_watch', inotifyAddWatch(fd, path, mask));
}

/** A look at descriptors that can be told in one system call, made once: whether an inotify instance, or a list of mounts, has news. */
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

  any(): boolean {
    const count = poll(this.#table, 2, 0);
    if (count >= 0) return count > 0;
    if (errno() === EINTR) return true;
    throw new SystemError('poll', errno());
  }
}
