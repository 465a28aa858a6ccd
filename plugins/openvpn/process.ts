import { findProcess, hasArguments } from '../../core/base/processes.ts';

/** Does this process still run with this command line? Nobody else has our files in theirs. */
export function runs(pid: number | undefined, [, ...words]: readonly string[]): boolean {
  return pid !== undefined && hasArguments(pid, words);
}

/** The process with this command line: the one that is known, or another that it has become (`daemon` forks). */
export function findRunning(known: number | undefined, command: readonly string[]): number | undefined {
  return runs(known, command) ? known : findProcess(pid => runs(pid, command));
}

/** Looks every few milliseconds until it is so; false when it is not after so long. */
export async function isSoon(look: () => boolean, ms: number): Promise<boolean> {
  const end = performance.now() + ms;
  while (!look()) {
    if (performance.now() >= end) return false;
    await pause(20);
  }
  return true;
}

export function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
