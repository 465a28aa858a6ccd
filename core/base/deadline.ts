/**
 * Deadlines that cost next to nothing while they are met: all of one length wait in one queue behind one timer.
 */
export class Deadlines {
  readonly #ms: number;
  #waiting: { due: number; passed: () => void; over: boolean }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number) {
    this.#ms = ms;
  }

  get ms(): number {
    return this.#ms;
  }

  /** Calls `passed` unless the returned function is called before the time is up. */
  arm(passed: () => void): () => void {
    const entry = { due: performance.now() + this.#ms, passed, over: false };
    this.#waiting.push(entry);
    this.#timer ??= setTimeout(() => this.#expire(), this.#ms);
    return () => {
      entry.over = true;
      this.#drop();
    };
  }

  #expire(): void {
    this.#timer = undefined;
    const now = performance.now();
    const late = this.#waiting.filter(entry => !entry.over && entry.due <= now + 1);
    this.#waiting = this.#waiting.filter(entry => !entry.over && entry.due > now + 1);
    for (const entry of late) entry.passed();
    const next = this.#waiting[0];
    if (next !== undefined) this.#timer ??= setTimeout(() => this.#expire(), Math.max(1, next.due - now));
  }

  /** Forgets what is over; without anything left to wait for there is no timer either. */
  #drop(): void {
    let done = 0;
    while (this.#waiting[done]?.over) done++;
    if (done > 0) this.#waiting.splice(0, done);
    if (this.#waiting.length > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
