import koffi from 'koffi';
import { declare } from './library.ts';

const pollfd = koffi.struct('netconf_pollfd', { fd: 'int', events: 'short', revents: 'short' });
void pollfd;
const poll = declare<[{ fd: number; events: number; revents: number }, number, number]>(
  'int poll(_Inout_ netconf_pollfd *fds, unsigned long count, int timeout)',
);

/** poll.h; the same on every architecture that netconf runs on. */
const POLLOUT = 4;

/** Whether a write of up to PIPE_BUF bytes would not block now; also true where it would fail at once (poll(2)). */
export function isWritable(fd: number): boolean {
  return poll({ fd, events: POLLOUT, revents: 0 }, 1, 0) !== 0;
}
