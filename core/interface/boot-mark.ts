import { readFileSync, writeFileSync } from 'node:fs';
import type { Records } from './records.ts';

/**
 * The mark that something has been done since the machine was started (that the interfaces have been configured): it lies beside the records, which
 * are gone with the next start. A daemon that finds it is a restarted one.
 */
export class BootMark {
  readonly #records: Records;
  readonly #name: string;

  /** @param name of its file */
  constructor(records: Records, name = '.booted') {
    this.#records = records;
    this.#name = name;
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
    return `${this.#records.directory}/${this.#name}`;
  }
}
