import type { Book } from '../book.ts';
import { authorOf } from '../text.ts';
import type { Place, Seen } from './place.ts';

/** What came of it; `reason` is the sentence for the log. */
export type Written = { state: 'written' | 'same' | 'given-back' } | { state: 'left-alone'; reason: string };

/**
 * resolv.conf as netconf's own file: what was there before is kept and put back. What others put in its place, or change
 * in it, is theirs from then on.
 */
export class OwnFile {
  readonly place: Place;
  readonly #book: Book;

  constructor(place: Place, book: Book) {
    this.place = place;
    this.#book = book;
  }

  /** Is it netconf's: written by it, or missing while what was before is kept? Throws what the system says. */
  holds(): boolean {
    const author = this.#author(this.place.look());
    return author === 'netconf' || (author === 'nobody' && this.place.isKept());
  }

  /** Throws what the system says. */
  write(text: string): Written {
    const { place } = this;
    place.tidy();
    const seen = place.look();
    const author = this.#author(seen);
    if (seen.is === 'file' && seen.text === latin1(text)) return { state: 'same' };
    if (author === 'edited') return leftAlone(`${place.path} has been changed by hand`);
    if (author === 'other' && this.#book.recall('file') !== undefined)
      return leftAlone(`${place.path} has been replaced by somebody else`);
    if (author === 'other') place.keep();
    place.replace(text, () => this.#book.remember('in-place', {}));
    this.#book.remember('in-place', undefined);
    this.#book.remember('file', {});
    return { state: 'written' };
  }

  /** Puts back what was there before netconf. Throws what the system says. */
  giveBack(): Written {
    const { place } = this;
    place.tidy();
    const isKnown = this.#book.recall('file') !== undefined;
    if (!this.holds()) {
      this.#book.remember('file', undefined);
      const reason = `${place.path} is not netconf's any more; what was there before it is ${place.saved}`;
      return place.forget() || !isKnown ? { state: 'same' } : leftAlone(reason);
    }
    place.restore(() => this.#book.remember('in-place', {}));
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

/** As files are read: byte by byte, whatever they hold. */
const latin1 = (text: string) => Buffer.from(text).toString('latin1');
