/** Asynchronous changes that must not run into each other: one after the other, a failure stops none of the later. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(change);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
