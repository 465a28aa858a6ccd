import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Undo } from 'netconf/plugin';
import { makePrivate } from '../../core/base/private-file.ts';

const waitMs = 10_000;

/**
 * The lock of name service against other processes (an `ifup` without a daemon beside another): what one writes is made of
 * what all of them know. The kernel gives it back however the process ends. Throws when it is not to be had.
 */
export async function lock(directory: string): Promise<Undo> {
  // Only now: what calls C is no part of a start.
  const { tryLock } = await import('../../core/base/libc/flock.ts');
  makePrivate(directory, 0o755);
  const { O_CREAT, O_NOFOLLOW, O_RDWR } = constants;
  const descriptor = openSync(join(directory, 'lock'), O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
  const end = performance.now() + waitMs;
  try {
    while (!tryLock(descriptor)) {
      if (performance.now() > end)
        throw new Error(`another process has been at work on name service for ${waitMs / 1000} s`);
      await pause(10);
    }
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return () => closeSync(descriptor);
}
