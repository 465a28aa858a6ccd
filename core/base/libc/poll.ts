import koffi from './koffi.ts';
import { declare } from './library.ts';

const pollfd = koffi.struct('netconf_pollfd', { fd: 'int', events: 'short', revents: 'short' });
void pollfd;
const poll = declare<[{ fd: number; events: number; revents: number }, number, number]>(
  'int poll(_Inout_ netconf_pollfd *fds, unsigned long count, int timeout)',
);

/** poll.h; the same on every architecture that netconf runs on. */
const POLLOUT = 4;
const POLLHUP = 0x10;

/** Whether a write of up to PIPE_BUF bytes would not block now; also true where it would fail at once (poll(2)). */
export function isWritable(fd: number): boolean {
  return poll({ fd, events: POLLOUT, revents: 0 }, 1, 0) !== 0;
}

/**
 * Whether the peer of a stream socket is gone altogether, as opposed to one that has only finished sending
 * (`shutdown(SHUT_WR)`) and still reads: reading gives end of file for both.
 */
export function hungUp(fd: number): boolean {
  const one = { fd, events: 0, revents: 0 };
  return poll(one, 1, 0) > 0 && (one.revents & POLLHUP) !== 0;
}
