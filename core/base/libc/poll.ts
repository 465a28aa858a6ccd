import { endianness } from 'node:os';
import { declare } from './library.ts';

// Without a name of its own for the structure: koffi has one list of names for all programs and plugins of a process.
const poll = declare<[Uint8Array, number, number]>(
  'int poll(_Inout_ void *descriptors, unsigned long count, int timeout)',
);

/** struct pollfd: int fd; short events; short revents. */
const table = new Uint8Array(new ArrayBuffer(128), 0, 8);
const view = new DataView(table.buffer);
const little = endianness() === 'LE';

/** poll.h; the same on every architecture that netconf runs on. */
const POLLOUT = 4;
const POLLHUP = 0x10;

/** Whether a write of up to PIPE_BUF bytes would not block now; also true where it would fail at once (poll(2)). */
export function isWritable(fd: number): boolean {
  return look(fd, POLLOUT).count !== 0;
}

/**
 * Whether the peer of a stream socket is gone altogether, as opposed to one that has only finished sending
 * (`shutdown(SHUT_WR)`) and still reads: reading gives end of file for both.
 */
export function hungUp(fd: number): boolean {
  const { count, found } = look(fd, 0);
  return count > 0 && (found & POLLHUP) !== 0;
}

function look(fd: number, events: number): { count: number; found: number } {
  view.setInt32(0, fd, little);
  view.setInt16(4, events, little);
  view.setInt16(6, 0, little);
  const count = poll(table, 1, 0);
  return { count, found: view.getInt16(6, little) };
}
