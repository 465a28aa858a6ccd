import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readPrivate, writePrivate } from '../../core/base/private-file.ts';
import { bootId } from '../../core/base/start-id.ts';
import type { Peer } from './events.ts';

/** What is known of the guard over a restart of netconfd; not of the machine, whose block is gone then, too. */
export interface Known {
  links: readonly string[];
  peer?: Peer | undefined;
  broughtUp: boolean;
}

export class Memory {
  readonly #file: string;

  constructor(run: string) {
    this.#file = join(run, 'guard.json');
  }

  read(): Known {
    try {
      const found = JSON.parse(readPrivate(this.#file)) as Known & { boot?: string };
      if (found.boot === bootId() && Array.isArray(found.links)) return found;
    } catch {
      // There was none.
    }
    return { links: [], broughtUp: false };
  }

  write(known: Known): void {
    writePrivate(this.#file, JSON.stringify({ ...known, boot: bootId() }));
  }

  remove(): void {
    rmSync(this.#file, { force: true });
  }
}
