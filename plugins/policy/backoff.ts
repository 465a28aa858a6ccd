import type { Event } from 'netconf/plugin';

/** Milliseconds: the first pause, each twice as long as the one before, and the longest. */
const firstPause = 1000;
const longestPause = 300_000;
/** What follows after so many times its pause is a matter of its own. */
const quiet = 2;
const shortestQuiet = 60_000;
const mostKnown = 10_000;

/** How often an interface's operations have led to others in a row. */
interface Row {
  times: number;
  /** Milliseconds since the epoch. */
  last: number;
  /** The event that it began with: the cause of all, so that no chain of causes becomes too long. */
  first: Event;
}

export interface Pause {
  ms: number;
  times: number;
  cause: Event;
}

/**
 * Damps what follows from itself: `[interface.failed] do ifup` fails again, `[interface.deconfigured] do ifup` and
 * `[interface.configured] do ifdown` answer each other. The first is done at once, the next after a second, then each
 * after twice as long, five minutes at most.
 */
export class Backoff {
  readonly #rows = new Map<string, Row>();

  /** Counts one more; what it has to wait. */
  next(on: string, event: Event): Pause {
    const pause = this.pauseOf(on, event);
    if (this.#rows.size >= mostKnown && !this.#rows.has(on)) this.#rows.clear();
    this.#rows.set(on, { times: pause.times + 1, last: event.time + pause.ms, first: pause.cause });
    return pause;
  }

  /** What the next would have to wait. */
  pauseOf(on: string, event: Event): Pause {
    const row = this.#rows.get(on);
    if (row === undefined || event.time - row.last > Math.max(shortestQuiet, quiet * pauseAfter(row.times)))
      return { ms: 0, times: 0, cause: event };
    return { ms: pauseAfter(row.times), times: row.times, cause: row.first };
  }

  /** Something else has happened: what comes now is new. */
  forget(on: string): void {
    this.#rows.delete(on);
  }
}

function pauseAfter(times: number): number {
  return times === 0 ? 0 : Math.min(firstPause * 2 ** (times - 1), longestPause);
}
