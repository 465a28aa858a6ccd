import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { writePrivate } from '../base/private-file.ts';
import { startId } from '../base/start-id.ts';
import { checkTrust } from '../base/trust.ts';
import { interfaceName } from '../bus/catalogue.ts';
import type { Lease, LeaseFamily } from '../bus/lease.ts';
import type { Keeper } from './ledger.ts';

/**
 * Leases over a restart of the daemon: `INTERFACE.FAMILY.json` each. They are the daemon's own words, written whole or
 * not at all; what is no lease any more, or is one of before the machine's or the container's start, is left out when
 * they are read.
 */
export class LeaseFiles implements Keeper {
  readonly #directory: string;
  readonly #log: Log;

  constructor(directory: string, log: Log) {
    this.#directory = directory;
    this.#log = log;
  }

  keep(on: string, family: LeaseFamily, lease: Lease | undefined): void {
    const path = join(this.#directory, `${on}.${family}.json`);
    try {
      if (lease === undefined) {
        rmSync(path, { force: true });
        return;
      }
      writePrivate(path, JSON.stringify({ ...lease, start: startId() }));
    } catch (error) {
      this.#log.error(`dhcp: ${path}: ${messageOf(error)}`);
    }
  }

  /** Those that have not run out. */
  read(now = Date.now()): { on: string; lease: Lease }[] {
    const trust = checkTrust(this.#directory);
    if ('reason' in trust) return [];
    return this.#names().flatMap(name => {
      const [, on = '', family = ''] = /^(.+)\.(inet6?)\.json$/.exec(name) ?? [];
      if (!interfaceName.test(on)) return [];
      try {
        const kept = JSON.parse(readFileSync(join(this.#directory, name), 'utf8')) as Lease & Kept;
        const { start, ...lease } = kept;
        const good = start === startId() && lease.family === family && typeof lease.since === 'number';
        return good && !isOver(lease, now) ? [{ on, lease }] : [];
      } catch {
        return [];
      }
    });
  }

  #names(): string[] {
    try {
      return readdirSync(this.#directory);
    } catch {
      return [];
    }
  }
}

interface Kept {
  /** What it holds for: see {@link startId}. */
  start?: string;
}

/** Has the lease run out? Of `inet6`: has everything it holds? */
export function isOver(lease: Lease, now: number): boolean {
  const over = (seconds: number | undefined) => seconds !== undefined && lease.since + seconds * 1000 <= now;
  if (lease.family === 'inet') return over(lease.lease);
  return [...(lease.addresses ?? []), ...(lease.prefixes ?? [])].every(({ valid }) => over(valid));
}
