import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const step = 50;

/**
 * Waits while udev is at work (udevd keeps the file `queue` for as long: udev-manager.c), at most so many milliseconds:
 * until then a link may still be given another name. Returns at once where no udev runs.
 */
export async function udevSettled(ms: number, queue = '/run/udev/queue'): Promise<void> {
  const end = performance.now() + ms;
  while (existsSync(queue) && performance.now() < end) await pause(step);
}
