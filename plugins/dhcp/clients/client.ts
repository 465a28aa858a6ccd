import { readFileSync } from 'node:fs';
import { commandOf, findProcess, isAlive } from '../../../core/base/processes.ts';
import type { ClientFiles } from '../files.ts';
import type { Settings } from '../settings.ts';

/** What a client is started with. */
export interface Start {
  settings: Settings;
  files: ClientFiles;
  /** Where the report script lies, and where it is to write. */
  script: string;
  inbox: string;
}

/** One DHCP client: how it is started, found, and told to give its lease back. */
export interface Client {
  name: 'dhclient' | 'dhcpcd' | 'udhcpc';
  /** Names of its program, the first that is there is used. */
  programs: readonly string[];
  families: readonly Settings['family'][];
  /** Its command line without the program; writes its configuration. */
  command(start: Start): string[];
  environment?(start: Start): Record<string, string>;
  /** The process that has been started with this command line, by whichever process of ours. */
  find(command: readonly string[], files: ClientFiles): number | undefined;
  /** How it gives its lease back and ends: a command beside it, or signals. */
  release: { command(start: Start): string[] } | { signals: readonly NodeJS.Signals[] };
}

/** By its whole command line: nobody else has our files in theirs. */
export function findByCommand(command: readonly string[], files: ClientFiles): number | undefined {
  const told = pidIn(files.path('pid'));
  const isIt = (pid: number) => {
    const found = commandOf(pid);
    return found?.length === command.length && found.every((word, at) => word === command[at]);
  };
  return told !== undefined && isIt(told) ? told : findProcess(isIt);
}

/** What a pid file says, of a process that is there. */
export function pidIn(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8').trim());
    return Number.isSafeInteger(pid) && pid > 1 && isAlive(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}
