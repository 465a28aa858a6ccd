/** Seconds: pauses grow up to this. */
const longestPause = 64;
/** Milliseconds between attempts when there was nobody for all these pauses. */
const restMs = 60_000;

/**
 * Work that is done in order, one piece after the other. What cannot be done now is tried again after longer and longer
 * pauses, for some two minutes; later work is then tried once a minute, and else dropped. Too much pushes out the oldest.
 */
export class Queue<T> {
  readonly #most: number;
  readonly #work: (item: T) => Promise<boolean>;
  readonly #pushedOut: (item: T) => void;
  readonly #waiting: T[] = [];
  #timer: NodeJS.Timeout | undefined;
  #atWork = false;
  #pause = 0;
  /** By the clock that nobody sets: at a start the other one jumps. */
  #restsUntil = 0;

  /**
   * @param work false where it could not be done now; it must not reject
   * @param pushedOut what is too much
   */
  constructor(most: number, work: (item: T) => Promise<boolean>, pushedOut: (item: T) => void) {
    this.#most = most;
    this.#work = work;
    this.#pushedOut = pushedOut;
  }

  add(item: T): void {
    if (performance.now() < this.#restsUntil) return;
    if (this.#waiting.length >= this.#most) this.#pushedOut(this.#waiting.shift()!);
    this.#waiting.push(item);
    if (this.#timer === undefined) void this.#go();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.length = 0;
  }

  async #go(): Promise<void> {
    if (this.#atWork) return;
    this.#atWork = true;
    for (let item = this.#waiting.shift(); item !== undefined; item = this.#waiting.shift()) {
      if (await this.#work(item)) {
        this.#pause = 0;
        this.#restsUntil = 0;
      } else {
        this.#waiting.unshift(item);
        this.#later();
        break;
      }
    }
    this.#atWork = false;
  }

  #later(): void {
    this.#pause = this.#pause === 0 ? 1 : this.#pause * 2;
    if (this.#pause <= longestPause) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        void this.#go();
      }, this.#pause * 1000);
      return;
    }
    this.#pause = longestPause;
    this.#restsUntil = performance.now() + restMs;
    this.#waiting.length = 0;
  }
}
