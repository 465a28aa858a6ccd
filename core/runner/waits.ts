import { NetconfError } from '../base/errors.ts';
import type { Undo } from '../base/undo.ts';

/**
 * Which queue waits for which: a script that is running keeps its queue from going on, so when it waits for something
 * in another queue, its own waits for that one. A wait that closes a circle would never end.
 */
export class Waits {
  readonly #edges = new Map<string, string[]>();
  readonly #words: Words;

  /** @param words what the error says */
  constructor(words: Words = ofQueues) {
    this.#words = words;
  }

  /** Throws `Reentrant` when the wait could never end; the error names the circle. The undo ends the wait. */
  begin(from: string, to: string): Undo {
    const way = this.#way(to, from);
    if (way !== undefined) {
      const { message, hint } = this.#words(from, to, [from, ...way].join(' → '));
      throw new NetconfError('Reentrant', message, { hint });
    }
    const targets = this.#edges.get(from);
    if (targets === undefined) this.#edges.set(from, [to]);
    else targets.push(to);
    let over = false;
    return () => {
      if (over) return;
      over = true;
      this.#remove(from, to);
    };
  }

  get size(): number {
    return this.#edges.size;
  }

  #remove(from: string, to: string): void {
    const targets = this.#edges.get(from);
    const at = targets?.indexOf(to) ?? -1;
    if (targets === undefined || at < 0) return;
    targets.splice(at, 1);
    if (targets.length === 0) this.#edges.delete(from);
  }

  /** The queues on the way from one to another, both included. */
  #way(from: string, to: string): string[] | undefined {
    const seen = new Set<string>();
    const walk = (here: string): string[] | undefined => {
      if (here === to) return [here];
      if (seen.has(here)) return undefined;
      seen.add(here);
      for (const next of this.#edges.get(here) ?? []) {
        const rest = walk(next);
        if (rest !== undefined) return [here, ...rest];
      }
      return undefined;
    };
    return walk(from);
  }
}

/** The sentence of a wait that would never end, and what to do instead. */
export type Words = (from: string, to: string, circle: string) => { message: string; hint: string };

const ofQueues: Words = (from, to, circle) => ({
  message:
    from === to
      ? `the wait comes from inside a script of the queue ${from}, which it would wait for`
      : `the wait would close a circle: ${circle}`,
  hint: 'do not wait, or start it in the background of the script',
});
