import type { Run } from '../control/api.ts';

const lookEveryMs = 100;
const lookSoonMs = 10;

/** What runs and must be looked at every now and then. */
interface Running {
  /** Nothing is left to look after: it has ended, and so has the time that its process group was given to end. */
  readonly done: boolean;
  /** Empties what it prints, keeps its deadline. True when it should be looked at again soon. */
  look(now: number): boolean;
  /** TERM to the group now, KILL after five seconds; a second call kills at once. */
  terminate(now?: number): void;
}

/** Looks after the programs that run now: one timer for all of them, which exists only while there are any. */
export class Watch {
  readonly #running = new Set<Running>();
  #timer: NodeJS.Timeout | undefined;

  get size(): number {
    return this.#running.size;
  }

  /** Starts one and resolves when it has ended. Never rejects. */
  run<One extends Running>(
    start: (ended: (run: Run) => void) => One,
    started?: (one: One) => void,
  ): Promise<Run> {
    return new Promise(resolve => {
      const one = start(run => {
        if (one.done) this.#forget(one);
        resolve(run);
      });
      this.#running.add(one);
      if (this.#timer === undefined) this.#timer = setTimeout(this.#look, lookEveryMs);
      else this.#timer.ref();
      started?.(one);
    });
  }

  /** TERM to all, KILL five seconds later; the second call kills. */
  terminate(): void {
    for (const one of this.#running) one.terminate();
  }

  readonly #look = () => {
    this.#timer = undefined;
    const now = performance.now();
    let soon = false;
    for (const one of this.#running) {
      soon = one.look(now) || soon;
      if (one.done) this.#forget(one);
    }
    if (this.#running.size > 0) this.#timer ??= setTimeout(this.#look, soon ? lookSoonMs : lookEveryMs);
  };

  /** Without programs the timer ends with its next look, and keeps nobody waiting for that. */
  #forget(one: Running): void {
    this.#running.delete(one);
    if (this.#running.size === 0) this.#timer?.unref();
  }
}
