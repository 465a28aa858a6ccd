/** Something that is waited for; a link of a doubly linked list. */
interface Waiting {
  due: number;
  passed: () => void;
  before: Waiting;
  after: Waiting;
}

/**
 * Deadlines that cost next to nothing while they are met: all of one length wait in one list, in order of their time,
 * behind one timer. The clock is read, and the timer cleared when nothing waits any more, once a turn of the loop.
 */
export class Deadlines {
  readonly ms: number;
  readonly #list: Waiting;
  #timer: NodeJS.Timeout | undefined;
  #now: number | undefined;

  /** @param ms the length of each */
  constructor(ms: number) {
    this.ms = ms;
    const list = { due: 0, passed: () => undefined } as unknown as Waiting;
    list.before = list;
    list.after = list;
    this.#list = list;
  }

  /** Calls `passed` once the time is up, unless what is returned is given to `disarm` before. */
  arm(passed: () => void): object {
    const list = this.#list;
    const waiting: Waiting = { due: this.#clock() + this.ms, passed, before: list.before, after: list };
    list.before.after = waiting;
    list.before = waiting;
    this.#timer ??= setTimeout(() => this.#expire(), this.ms);
    return waiting;
  }

  disarm(armed: object): void {
    const { before, after } = armed as Waiting;
    before.after = after;
    after.before = before;
    (armed as Waiting).before = armed as Waiting;
    (armed as Waiting).after = armed as Waiting;
    this.#clock();
  }

  #clock(): number {
    if (this.#now === undefined) {
      this.#now = performance.now();
      setImmediate(() => this.#endTurn());
    }
    return this.#now;
  }

  #endTurn(): void {
    this.#now = undefined;
    if (this.#list.after !== this.#list || this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #expire(): void {
    this.#timer = undefined;
    const list = this.#list;
    while (list.after !== list && list.after.due <= performance.now() + 1) {
      const late = list.after;
      this.disarm(late);
      late.passed();
    }
    if (list.after === list) return;
    this.#timer ??= setTimeout(() => this.#expire(), Math.max(1, list.after.due - performance.now()));
  }
}
