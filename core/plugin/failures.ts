/** So many failures within the window disable a plugin. */
const limit = 10;
/** Milliseconds. */
const window = 300_000;

interface Count {
  all: number;
  /** Milliseconds of the latest, as `performance.now` counts. */
  recent: number[];
  last: string;
}

/** How often each plugin failed, and whether it keeps failing. */
export class Failures {
  readonly #counts = new Map<string, Count>();

  /** Counts one. Returns why the plugin is to be disabled, when it has failed too often of late. */
  add(owner: string, failure: string): string | undefined {
    const count = this.#counts.get(owner) ?? { all: 0, recent: [], last: '' };
    // Not the time of day: a clock that is set back would make old failures recent for ever.
    const now = performance.now();
    count.all++;
    count.last = failure;
    count.recent = [...count.recent, now].filter(time => time > now - window).slice(-limit);
    this.#counts.set(owner, count);
    if (count.recent.length < limit) return undefined;
    return `${limit} failures within ${window / 1000} s, the last: ${failure}`;
  }

  of(owner: string): { failures: number; lastFailure?: string } {
    const count = this.#counts.get(owner);
    return count === undefined ? { failures: 0 } : { failures: count.all, lastFailure: count.last };
  }

  forget(owner: string): void {
    this.#counts.delete(owner);
  }
}
