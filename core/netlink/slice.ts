/** How long work may hold the loop before it lets others run, in milliseconds. */
export const sliceLength = 3;

/** Lets the loop run whenever the slice is used up: `if (slice.over) await slice.next()`. */
export class Slice {
  #end = performance.now() + sliceLength;

  get over(): boolean {
    return performance.now() >= this.#end;
  }

  async next(): Promise<void> {
    await new Promise<void>(resolve => setImmediate(resolve));
    this.#end = performance.now() + sliceLength;
  }
}

/** A pause that does not keep the process alive. */
export function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms).unref());
}
