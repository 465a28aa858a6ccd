import type { TestDaemon } from './daemon.ts';

/** A pair of links in the daemon's namespace, both up: `near` has carrier for as long as `far` is up. */
export function addVeth(daemon: TestDaemon, near = 'near', far = 'far'): void {
  daemon.ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far);
  daemon.ip('link', 'set', near, 'up');
  daemon.ip('link', 'set', far, 'up');
}

/** Gives and takes the carrier of the link whose peer is `far`. */
export function carrier(daemon: TestDaemon, state: 'on' | 'off', far = 'far'): void {
  daemon.ip('link', 'set', far, state === 'on' ? 'up' : 'down');
}
