import { readFileSync, writeFileSync } from 'node:fs';
import type { Records } from './records.ts';

/**
 * The mark that the interfaces have been configured since the machine was started: it lies beside the records, which
 * are gone with the next start. A daemon that finds it is a restarted one.
 */
export class BootMark {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  get isSet(): boolean {
    try {
      return readFileSync(this.#path, 'utf8') === this.#records.boot;
    } catch {
      return false;
    }
  }

  set(): void {
    this.#records.makeDirectory();
    writeFileSync(this.#path, this.#records.boot, { mode: 0o600 });
  }

  get #path(): string {
    return `${this.#records.directory}/.booted`;
  }
}
