/**
 * Numbers runs of JavaScript: what is looked at once in a run is not looked at again, however many events that run
 * publishes. In a storm thousands share one look, and nothing has to wait or wake up for the next.
 */
export class Runs {
  #current = 1;
  #ending = false;
  readonly #wait = () => settled.then(this.#end);
  readonly #end = () => {
    this.#current++;
    this.#ending = false;
  };

  get current(): number {
    if (!this.#ending) {
      this.#ending = true;
      // The second microtask comes after those that are waiting by now: scripts that start for the same events.
      // (queueMicrotask would take twice as long.)
      settled.then(this.#wait);
    }
    return this.#current;
  }

  /** What was looked at in this run does not count any more. */
  next(): void {
    this.#current++;
  }
}

const settled = Promise.resolve();
