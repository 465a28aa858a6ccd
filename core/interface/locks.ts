import { setTimeout as pause } from 'node:timers/promises';
import { NetconfError } from '../base/errors.ts';
import type { Undo } from '../base/undo.ts';
import { lockFile } from '../control/lock.ts';

/** Milliseconds between two attempts: the first soon, then more slowly. */
const shortestPause = 5;
const longestPause = 200;

/**
 * The lock of one interface against other processes (a daemon, an `ifup` without one): held for as long as an
 * operation is at work, given back by the kernel however the process ends. Waits at most `ms`, then throws `TimedOut`;
 * throws the signal's reason when that is aborted.
 */
export async function lockInterface(
  directory: string,
  name: string,
  ms: number,
  signal: AbortSignal | undefined,
  waiting: () => void,
): Promise<Undo> {
  const path = `${directory}/${name}.lock`;
  const end = performance.now() + ms;
  for (let wait = shortestPause; ; wait = Math.min(wait * 2, longestPause)) {
    const undo = lockFile(path);
    if (undo !== undefined) return undo;
    if (wait === shortestPause) waiting();
    if (performance.now() >= end) {
      throw new NetconfError(
        'TimedOut',
        `${name}: another process has been at work on it for ${ms / 1000} s`,
        {
          hint: `it holds the lock ${path}: 'fuser ${path}' names it`,
        },
      );
    }
    await pause(wait, undefined, signal === undefined ? {} : { signal });
  }
}
