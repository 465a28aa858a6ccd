import { uptime } from 'node:os';

/** Milliseconds since the machine's start (CLOCK_BOOTTIME): no change of its clock matters, and a sleep counts. */
export function sinceStart(): number {
  return Math.round(uptime() * 1000);
}
