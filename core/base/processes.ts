import { readdirSync, readFileSync } from 'node:fs';

/** Words of a process's command line; undefined when it is gone, or a zombie. */
export function commandOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return text === '' ? undefined : text.replace(/\0$/, '').split('\0');
  } catch {
    return undefined;
  }
}

export function isAlive(pid: number): boolean {
  return commandOf(pid) !== undefined;
}

/**
 * Whether a process was started with these arguments, by whatever name its program is called: what stands before them
 * may be an interpreter.
 */
export function hasArguments(pid: number, argv: readonly string[]): boolean {
  const words = commandOf(pid)?.slice(-argv.length);
  return argv.length > 0 && words?.length === argv.length && argv.every((word, at) => word === words[at]);
}

/** The first process of which this is true. */
export function findProcess(isIt: (pid: number) => boolean): number | undefined {
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name));
  return pids.map(Number).find(isIt);
}

/** To one that may be gone. */
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
