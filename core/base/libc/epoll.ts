import { endianness } from 'node:os';
import { check, declare, errno, SystemError } from './library.ts';

/** sys/epoll.h; the same on every architecture. */
const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 1;
const EINTR = 4;

const epollCreate = declare<[number]>('int epoll_create1(int flags)');
const epollCtl = declare<[number, number, number, Uint32Array]>(
  'int epoll_ctl(int set, int operation, int fd, const void *event)',
);
const epollWait = declare<[number, Uint32Array, number, number]>(
  'int epoll_wait(int set, _Out_ void *events, int count, int timeout)',
);

/** struct epoll_event: events and 64 bits of ours, packed on x86 alone. In words. */
const isPacked = process.arch === 'x64' || process.arch === 'ia32';
const dataAt = (isPacked ? 1 : 2) + (endianness() === 'LE' ? 0 : 1);
const words = isPacked ? 3 : 4;
const most = 16;
// Outside the JavaScript heap: typed arrays of up to 64 bytes may lie in it, and move.
const one = new Uint32Array(new ArrayBuffer(128));
const ready = new Uint32Array(new ArrayBuffer(most * words * 4));

/**
 * Descriptors that are waited for together (epoll(7)): its own descriptor can be read when one of them can. One that is
 * closed leaves it, though not at once where a child that is about to exec has a copy: then it is told of in vain.
 */
export class Epoll {
  readonly fd: number;

  /** Throws SystemError (EMFILE). */
  constructor() {
    this.fd = check('epoll_create1', epollCreate(EPOLL_CLOEXEC));
  }

  /** @param token what it is told of by, 32 bits. Throws SystemError (ENOSPC) */
  add(fd: number, token: number): void {
    one[0] = EPOLLIN;
    one[dataAt] = token;
    check('epoll_ctl', epollCtl(this.fd, EPOLL_CTL_ADD, fd, one));
  }

  /** The tokens of some that can be read now. */
  ready(): number[] {
    const count = epollWait(this.fd, ready, most, 0);
    if (count < 0 && errno() !== EINTR) throw new SystemError('epoll_wait', errno());
    return Array.from({ length: Math.max(0, count) }, (_, at) => ready[at * words + dataAt]!);
  }
}
