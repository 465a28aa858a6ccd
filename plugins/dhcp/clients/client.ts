import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientFiles } from '../files.ts';
import { commandOf, findProcess, isAlive } from '../processes.ts';
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

/** By its command line, which has our files in it. */
export function findByCommand(command: readonly string[], files: ClientFiles): number | undefined {
  const told = pidIn(files.path('pid'));
  const found = told === undefined ? undefined : commandOf(told);
  return found !== undefined && same(found, command) ? told : findProcess(command);
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, at) => word === b[at]);
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
