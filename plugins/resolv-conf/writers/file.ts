import type { Book } from '../book.ts';
import { authorOf } from '../text.ts';
import { forget, keep, look, replace, restore, type Seen, savedOf, tidy } from './place.ts';

/** What came of it; `reason` is the sentence for the log. */
export type Written = { state: 'written' | 'same' | 'given-back' } | { state: 'left-alone'; reason: string };

/**
 * resolv.conf as netconf's own file: what was there before is kept and put back. What others put in its place, or change
 * in it, is theirs from then on.
 */
export class OwnFile {
  readonly path: string;
  readonly #book: Book;

  constructor(path: string, book: Book) {
    this.path = path;
    this.#book = book;
  }

  /** Is it, or would it be, netconf's: written by it, or missing while what was before is kept. */
  holds(): boolean {
    const seen = look(this.path);
    if (this.#author(seen) === 'netconf') return true;
    return seen.is === 'missing' && look(savedOf(this.path)).is !== 'missing';
  }

  /** Throws what the system says. */
  write(text: string): Written {
    tidy(this.path);
    const seen = look(this.path);
    const author = this.#author(seen);
    if (seen.is === 'file' && seen.text === text) return { state: 'same' };
    if (author === 'edited') return leftAlone(`${this.path} has been changed by hand`);
    if (author === 'other' && this.#book.recall('file') !== undefined)
      return leftAlone(`${this.path} has been replaced by somebody else`);
    if (author === 'other') keep(this.path);
    replace(this.path, text, () => this.#book.remember('in-place', {}));
    this.#book.remember('in-place', undefined);
    this.#book.remember('file', {});
    return { state: 'written' };
  }

  /** Puts back what was there before netconf. Throws what the system says. */
  giveBack(): Written {
    tidy(this.path);
    if (!this.holds()) {
      const isOurs = this.#book.recall('file') !== undefined;
      this.#book.remember('file', undefined);
      const reason = `${this.path} is not netconf's any more; what was there before it is ${savedOf(this.path)}`;
      return forget(this.path) || !isOurs ? { state: 'same' } : leftAlone(reason);
    }
    restore(this.path, () => this.#book.remember('in-place', {}));
    this.#book.remember('in-place', undefined);
    this.#book.remember('file', undefined);
    return { state: 'given-back' };
  }

  #author(seen: Seen): 'netconf' | 'edited' | 'other' | 'nobody' {
    if (seen.is === 'missing') return 'nobody';
    if (seen.is === 'link') return 'other';
    const author = authorOf(seen.text);
    // Ended while it wrote in place: nobody else has changed it.
    return author === 'edited' && this.#book.recall('in-place') !== undefined ? 'netconf' : author;
  }
}

function leftAlone(reason: string): Written {
  return { state: 'left-alone', reason };
}
