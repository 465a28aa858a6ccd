import { declare } from './library.ts';

const poll = declare<[ArrayBuffer, number, number]>(
  'int poll(void *descriptors, unsigned long count, int timeout)',
);

/** poll(2); the same on all architectures. */
const POLLHUP = 0x10;

/**
 * Whether the peer of a stream socket is gone altogether, as opposed to one that has only finished sending
 * (`shutdown(SHUT_WR)`) and still reads: reading gives end of file for both. Never blocks.
 */
export function hungUp(descriptor: number): boolean {
  // struct pollfd: int fd, short events, short revents.
  const bytes = new ArrayBuffer(8);
  new Int32Array(bytes)[0] = descriptor;
  return poll(bytes, 1, 0) > 0 && (new Int16Array(bytes)[3]! & POLLHUP) !== 0;
}
