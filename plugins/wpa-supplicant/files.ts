import { readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivate, readPrivate, writePrivate } from '../../core/base/private-file.ts';
import { isAlive } from '../../core/base/processes.ts';
import { startId } from '../../core/base/start-id.ts';
import type { Settings } from './settings.ts';

/** What is known of a supplicant over a restart of netconfd. */
export interface Kept {
  settings: Settings;
  /** Started by us; an interface that was added to a global one; somebody else's. */
  kind: Kind;
  /** Its arguments, where it was started by us. */
  argv: readonly string[];
  pid?: number;
  /** The network that was added, and those that were enabled before. */
  network?: number;
  others?: readonly number[];
  /** Stanzas that need it. */
  owners: readonly string[];
  state: State;
  /** The logical interface that roaming has brought up, and its first stanza: the last to be taken back. */
  roamed?: string;
  first?: { event: number; owner: string };
}

export type Kind = 'own' | 'global' | 'foreign';
/**
 * `acquiring`: a step waits for a connection. `up`: what was asked for is there. `waiting`: nobody waits, the operation
 * has failed, and the supplicant goes on looking. `over`: nothing is asked of it.
 */
export type State = 'acquiring' | 'up' | 'waiting' | 'over';

/** The end of a supplicant's output that is kept. */
const mostOutput = 64 * 1024;

/** The files of one interface's supplicant, below `wpa-supplicant` among the runtime files. */
export class SupplicantFiles {
  readonly #directory: string;
  readonly #name: string;

  constructor(run: string, on: string) {
    this.#directory = directoryIn(run);
    this.#name = on;
  }

  path(kind: 'json' | 'log' | 'pid'): string {
    return join(this.#directory, `${this.#name}.${kind}`);
  }

  /** Where a socket of ours may lie: a name that nothing has had before. */
  socket(): string {
    return join(this.#directory, `${this.#name}.${process.pid}.${++sockets}.sock`);
  }

  /** Ours alone, or nothing is put there. */
  prepare(): void {
    makePrivate(this.#directory);
  }

  keep(kept: Kept): void {
    // It may hold keys.
    writePrivate(this.path('json'), JSON.stringify({ ...kept, start: startId() }));
  }

  /** The last lines that the supplicant printed, without what stands in quotation marks; empties a file that has become long. */
  output(): string {
    try {
      const path = this.path('log');
      const lines = readFileSync(path, 'latin1').slice(-mostOutput).trimEnd().split('\n');
      if (statSync(path).size > mostOutput) truncateSync(path);
      return lines
        .slice(-5)
        .map(line =>
          line
            .replace(/(['"]).*\1/g, '…')
            .replace(/[^\x20-\x7e\u2026]/g, '?')
            .slice(0, 200),
        )
        .filter(line => line !== '')
        .join('; ');
    } catch {
      return '';
    }
  }

  remove(): void {
    for (const kind of ['json', 'log', 'pid'] as const) rmSync(this.path(kind), { force: true });
  }
}

let sockets = 0;

/** What earlier processes of this start of the machine, in this network namespace, left; clears away their sockets. */
export function keptIn(run: string): Kept[] {
  const directory = directoryIn(run);
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return [];
  }
  for (const name of names) {
    const [, pid] = /\.(\d+)\.\d+\.sock$/.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(directory, name), { force: true });
  }
  return names.filter(name => name.endsWith('.json')).flatMap(name => read(join(directory, name)) ?? []);
}

function read(path: string): Kept | undefined {
  try {
    const found = JSON.parse(readPrivate(path)) as Kept & { start?: string };
    const good = found.start === startId() && typeof found.settings?.interface === 'string';
    return good && Array.isArray(found.argv) && Array.isArray(found.owners) ? found : undefined;
  } catch {
    return undefined;
  }
}

const directoryIn = (run: string) => join(run, 'wpa-supplicant');
