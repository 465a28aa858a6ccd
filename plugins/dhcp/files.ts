import { readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { LeaseFamily } from 'netconf/plugin';
import { readPrivate, writePrivate } from '../../core/base/private-file.ts';
import { startId } from '../../core/base/start-id.ts';
import type { Settings } from './settings.ts';

/** What is known of a client over a restart. */
export interface Kept {
  settings: Settings;
  client: string;
  /** Its whole command line. */
  command: readonly string[];
  pid?: number;
  /** What the lease was applied as; none when it was not. */
  applied?: Record<string, string>;
  /** It looks for a server, but nobody waits for it: the interface has been configured otherwise, or not at all. */
  waiting?: true;
}

/** The end of a client's output that is kept. */
const mostOutput = 64 * 1024;

/** The files of one client, below `dhcp-clients` among the runtime files. */
export class ClientFiles {
  readonly directory: string;
  readonly #base: string;

  constructor(run: string, on: string, family: LeaseFamily) {
    this.directory = join(run, 'dhcp-clients');
    this.#base = join(this.directory, `${on}.${family}`);
  }

  path(kind: 'conf' | 'pid' | 'leases' | 'log' | 'json'): string {
    return `${this.#base}.${kind}`;
  }

  write(kind: 'conf' | 'json', text: string): void {
    writePrivate(this.path(kind), text);
  }

  keep(kept: Kept): void {
    this.write('json', JSON.stringify({ ...kept, boot: startId() }));
  }

  kept(): Kept | undefined {
    try {
      const found = JSON.parse(readPrivate(this.path('json'))) as Kept & { boot?: string };
      // What was before the machine or the container was started anew is over.
      const known = found.boot === startId() && Array.isArray(found.command);
      const good = known && typeof found.settings?.interface === 'string';
      return good ? found : undefined;
    } catch {
      return undefined;
    }
  }

  /** The last lines that the client printed; empties a file that has become long. */
  output(): string {
    try {
      const path = this.path('log');
      const lines = readFileSync(path, 'utf8').slice(-mostOutput).trimEnd().split('\n');
      if (statSync(path).size > mostOutput) truncateSync(path);
      return lines.slice(-5).join('\n');
    } catch {
      return '';
    }
  }

  /** All but the leases of the client, which it may ask for again. */
  remove(): void {
    for (const kind of ['json', 'conf', 'pid', 'log'] as const) rmSync(this.path(kind), { force: true });
  }
}

/** What earlier processes left. */
export function keptIn(run: string): Kept[] {
  let names: string[];
  try {
    names = readdirSync(join(run, 'dhcp-clients'));
  } catch {
    return [];
  }
  return names.flatMap(name => {
    const [, on, family] = /^(.+)\.(inet6?)\.json$/.exec(name) ?? [];
    if (on === undefined) return [];
    const kept = new ClientFiles(run, on, family as LeaseFamily).kept();
    return kept?.settings.interface === on && kept.settings.family === family ? [kept] : [];
  });
}
