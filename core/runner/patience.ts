const lookEveryMs = 20;

/** Waits for something to become true, with a limit, and can be told to give up. */
export class Patience {
  #giveUp: (() => void) | undefined;

  /** True when `done` holds; false when the time is up, or {@link hurry} was called. */
  wait(done: () => boolean, ms: number): Promise<boolean> {
    return new Promise(resolve => {
      const answer = () => {
        clearInterval(looking);
        clearTimeout(ending);
        this.#giveUp = undefined;
        resolve(done());
      };
      const looking = setInterval(() => done() && answer(), lookEveryMs);
      const ending = setTimeout(answer, ms);
      this.#giveUp = answer;
      if (done()) answer();
    });
  }

  /** Ends the wait that is going on, if any. */
  hurry(): void {
    this.#giveUp?.();
  }
}
