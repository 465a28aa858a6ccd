import { accessSync, constants, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

const path = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Where a program is installed. */
export function programPath(name: string): string | undefined {
  return path.map(directory => join(directory, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Words of a process's command line; undefined when it is gone, or a zombie. */
function commandOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return text === '' ? undefined : text.replace(/\0$/, '').split('\0');
  } catch {
    return undefined;
  }
}

/** Whether a process was started with these arguments, by whatever name its program is called. */
export function hasArguments(pid: number, argv: readonly string[]): boolean {
  const words = commandOf(pid)?.slice(-argv.length);
  return argv.length > 0 && words?.length === argv.length && argv.every((word, at) => word === words[at]);
}

/** The process that was started with these arguments: nobody else has our files in theirs. */
export function findProcess(argv: readonly string[]): number | undefined {
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name));
  return pids.map(Number).find(pid => hasArguments(pid, argv));
}

/** Is a process in this one's network namespace? Of what cannot be looked at, yes. */
export function isInOurNamespace(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/self/ns/net');
  } catch {
    return true;
  }
}

export function isAlive(pid: number): boolean {
  return commandOf(pid) !== undefined;
}

/** Ends a process: TERM, and KILL when it is still there after so long. */
export async function endProcess(pid: number, ms: number): Promise<void> {
  for (const name of ['SIGTERM', 'SIGKILL'] as const) {
    try {
      process.kill(pid, name);
    } catch {
      return;
    }
    const end = performance.now() + ms;
    while (isAlive(pid) && performance.now() < end) await new Promise(resolve => setTimeout(resolve, 10));
    if (!isAlive(pid)) return;
  }
}
