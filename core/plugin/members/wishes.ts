import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { MemberFiles } from './files.ts';
import type { Wish } from './kind.ts';
import { type Selection, selectionOf } from './select.ts';

export interface Kept {
  wish: Wish;
  selection: Selection;
}

/** What masters want: on record, looked at once, since afterwards only this process changes it. */
export class Wishes {
  readonly #files: MemberFiles;
  readonly #log: Log;
  #all: Map<string, Kept> | undefined;

  constructor(files: MemberFiles, log: Log) {
    this.#files = files;
    this.#log = log;
  }

  get all(): ReadonlyMap<string, Kept> {
    return this.#loaded();
  }

  keep(master: string, kept: Kept): void {
    this.#files.keep(master, kept.wish);
    this.#loaded().set(master, kept);
  }

  forget(master: string): void {
    this.#files.forget(master);
    this.#loaded().delete(master);
  }

  #loaded(): Map<string, Kept> {
    if (this.#all !== undefined) return this.#all;
    this.#all = new Map();
    for (const [master, wish] of this.#files.wishes()) {
      try {
        this.#all.set(master, { wish, selection: selectionOf(wish.words) });
      } catch (error) {
        this.#log.warning(`${master}: ${messageOf(error)}`);
      }
    }
    return this.#all;
  }
}
