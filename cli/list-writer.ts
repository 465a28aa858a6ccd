import { NetconfError } from '../core/base/errors.ts';
import { write } from './output.ts';

/** Writes an object of lists, of which each may come in pieces; one that is finished cannot be taken up again. */
export class ListWriter {
  readonly #written = new Set<string>();
  #open: string | undefined;
  #entries = 0;

  async add(name: string, entries: readonly unknown[]): Promise<void> {
    if (this.#open !== name) {
      if (this.#written.has(name)) {
        if (entries.length === 0) return;
        throw new NetconfError('BadReply', `netconfd took up ${name} again after other parts`);
      }
      await this.#begin(name, '[');
      this.#open = name;
      this.#entries = 0;
    }
    await write(
      entries.map(entry => `${this.#entries++ === 0 ? '' : ','}\n${JSON.stringify(entry)}`).join(''),
    );
  }

  async scalar(name: string, value: unknown): Promise<void> {
    await this.#begin(name, JSON.stringify(value));
  }

  async end(): Promise<void> {
    await write(`${this.#open === undefined ? '' : ']'}${this.#written.size === 0 ? '{' : ''}\n}\n`);
  }

  async #begin(name: string, text: string): Promise<void> {
    const before = this.#written.size === 0 ? '{' : this.#open === undefined ? ',' : '],';
    this.#open = undefined;
    this.#written.add(name);
    await write(`${before}\n${JSON.stringify(name)}:${text}`);
  }
}
