import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Words of a process's command line; undefined when it is gone, or a zombie. */
export function commandOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return text === '' ? undefined : text.replace(/\0$/, '').split('\0');
  } catch {
    return undefined;
  }
}

/** The program that a process runs; undefined when it is gone. */
export function programOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '');
  } catch {
    return undefined;
  }
}

/** The process with exactly this command line: nobody else has our files in theirs. */
export function findProcess(command: readonly string[]): number | undefined {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const found = commandOf(Number(name));
    if (found?.length === command.length && found.every((word, at) => word === command[at]))
      return Number(name);
  }
  return undefined;
}

export function isAlive(pid: number): boolean {
  return commandOf(pid) !== undefined;
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone.
  }
}

/** Waits until it is gone; false when it is not after so long. */
export async function isGone(pid: number, ms: number): Promise<boolean> {
  const end = performance.now() + ms;
  while (isAlive(pid)) {
    if (performance.now() >= end) return false;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  return true;
}
