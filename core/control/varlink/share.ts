/** Milliseconds of one turn of the loop that calls may take together; one that is at work is not interrupted. */
const most = 2;

/**
 * Shares the loop between the calls of all connections and everything else: together they get a little of each turn, so
 * that however many call however much, the kernel's messages, timers and scripts wait for a call or two at most.
 * Connections that have to wait go on in the order in which they came, one a turn.
 */
export class Share {
  readonly #waiting: (() => void)[] = [];
  /** When the part of this turn is used up; undefined before its first call. */
  #end: number | undefined;

  /** Undefined when a call may be answered now, else resolves when it may. */
  turn(): Promise<void> | undefined {
    if (this.#waiting.length === 0) {
      if (this.#end === undefined) this.#begin();
      if (performance.now() < this.#end!) return undefined;
    }
    return new Promise(resolve => this.#waiting.push(resolve));
  }

  #begin(): void {
    this.#end = performance.now() + most;
    setImmediate(() => {
      this.#end = undefined;
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#begin();
      next();
    });
  }
}
