import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootId } from '../../core/base/start-id.ts';
import type { Peer } from './events.ts';

/** What is known of the guard over a restart of netconfd; not of the machine, whose block is gone then, too. */
export interface Known {
  links: readonly string[];
  peer?: Peer;
  broughtUp: boolean;
}

export class Memory {
  readonly #file: string;

  constructor(run: string) {
    this.#file = join(run, 'guard.json');
  }

  read(): Known {
    try {
      const found = JSON.parse(readFileSync(this.#file, 'utf8')) as Known & { boot?: string };
      if (found.boot === bootId() && Array.isArray(found.links)) return found;
    } catch {
      // There was none.
    }
    return { links: [], broughtUp: false };
  }

  write(known: Known): void {
    mkdirSync(join(this.#file, '..'), { recursive: true, mode: 0o755 });
    writeFileSync(`${this.#file}.new`, JSON.stringify({ ...known, boot: bootId() }), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }

  remove(): void {
    rmSync(this.#file, { force: true });
  }
}
