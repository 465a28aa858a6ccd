import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const path = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Where a program is installed. */
export function programPath(name: string): string | undefined {
  return path
    .map(directory => join(directory, name))
    .find(file => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * Does this process still run with this command line? Nobody else has our files in theirs. What stands before the words
 * may be an interpreter.
 */
export function runs(pid: number | undefined, [, ...words]: readonly string[]): boolean {
  if (pid === undefined) return false;
  try {
    const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return line !== '' && line.endsWith(`\0${words.join('\0')}\0`);
  } catch {
    return false;
  }
}

/** The process with this command line: the one that is known, or another that it has become (`daemon` forks). */
export function findProcess(known: number | undefined, command: readonly string[]): number | undefined {
  if (runs(known, command)) return known;
  const found = readdirSync('/proc').find(name => /^\d+$/.test(name) && runs(Number(name), command));
  return found === undefined ? undefined : Number(found);
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone.
  }
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
