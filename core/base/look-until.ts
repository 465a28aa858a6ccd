import { setTimeout as pause } from 'node:timers/promises';

/** Milliseconds between two looks. */
const lookAgain = 100;

/** Looks again and again until something is true, for so many seconds, or until the signal; whether it was true in the end. */
export async function lookUntil(
  isTrue: () => boolean,
  seconds: number,
  signal: AbortSignal,
): Promise<boolean> {
  const end = performance.now() + seconds * 1000;
  while (!isTrue()) {
    if (performance.now() >= end || signal.aborted) return false;
    await pause(lookAgain);
  }
  return true;
}
