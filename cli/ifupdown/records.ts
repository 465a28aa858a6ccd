import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { bootId, startId } from '../../core/base/start-id.ts';
import { clientSockets } from '../../core/control/path.ts';
import { fromBytes, toBytes } from './say.ts';
import type { States } from './states.ts';

/** What netconf has configured, as its records in `/run/netconf/interfaces` say; nothing is asked, nothing written. */
export class RecordStates implements States {
  readonly #directories: string[];
  readonly #holds: (boot: string) => boolean;

  constructor(socket: string | undefined) {
    // A socket that is named may be that of another namespace, which cannot be compared with this one.
    const own = socket === undefined ? startId() : `${bootId()} `;
    this.#holds = socket === undefined ? boot => boot === own : boot => boot.startsWith(own);
    const sockets = socket === undefined ? clientSockets() : [socket];
    this.#directories = sockets.map(path => `${dirname(path)}/interfaces`);
  }

  of(iface: string): string | undefined {
    return this.#read(iface)?.logical;
  }

  known(iface: string): boolean {
    return this.#read(iface) !== undefined;
  }

  all(): string[] {
    const names = this.#directories.flatMap(directory => namesIn(directory));
    const found = names.flatMap(name => this.#read(name) ?? []);
    found.sort((one, other) => other.since - one.since);
    return found.map(({ iface, logical }) => `${iface}=${logical}`);
  }

  set(): void {
    // The operation's own process keeps its record.
  }

  #read(iface: string): { iface: string; logical: string; since: number } | undefined {
    if (iface.includes('/')) return undefined;
    for (const directory of this.#directories) {
      const text = textOf(`${directory}/${fromBytes(iface)}.json`);
      const record = text === undefined ? undefined : parse(text);
      if (record?.state !== 'configured' || typeof record.boot !== 'string') continue;
      if (!this.#holds(record.boot)) continue;
      if (typeof record.logical !== 'string' || typeof record.since !== 'number') continue;
      return { iface, logical: toBytes(record.logical), since: record.since };
    }
    return undefined;
  }
}

function namesIn(directory: string): string[] {
  try {
    const names = readdirSync(directory).filter(name => name.endsWith('.json'));
    return names.map(name => toBytes(name.slice(0, -'.json'.length)));
  } catch {
    return [];
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
