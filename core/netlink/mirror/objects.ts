import type { Payload } from './memory.ts';

/** An object as the kernel last told it, and when that was (performance.now). */
export interface Held {
  payload: Payload;
  time: number;
}

/** Told of each change: a new object without `old`, a removed one without `next`. */
export type ObjectChange = (old: Payload | undefined, next: Payload | undefined, key: string) => void;

export type Outcome = 'added' | 'changed' | 'same';

/** Links, addresses, rules or neighbours by what identifies them, in the order they came. */
export class Objects {
  readonly #held = new Map<string, Held>();
  readonly #change: ObjectChange;
  /** Whether two messages say the same, but for what changes by itself. */
  readonly #same: (old: Payload, next: Payload) => boolean;
  /** While a dump is being compared: what notifications have changed, where the notification wins. */
  touched: Set<string> | undefined;

  constructor(same: (old: Payload, next: Payload) => boolean, change: ObjectChange) {
    this.#same = same;
    this.#change = change;
  }

  get size(): number {
    return this.#held.size;
  }

  put(key: string, payload: Payload): Outcome {
    this.touched?.add(key);
    return this.#set(key, payload);
  }

  /** As `put`, for what a dump says: of what notifications have changed meanwhile it may know less. */
  compare(key: string, payload: Payload): Outcome {
    return this.touched?.has(key) ? 'same' : this.#set(key, payload);
  }

  /** Removes; `last` is the state that the kernel told with the removal, if it did. */
  remove(key: string, last?: Payload): boolean {
    this.touched?.add(key);
    const old = this.#held.get(key);
    if (old === undefined) return false;
    this.#held.delete(key);
    this.#change(last ?? old.payload, undefined, key);
    return true;
  }

  get(key: string): Held | undefined {
    return this.#held.get(key);
  }

  keys(): string[] {
    return [...this.#held.keys()];
  }

  values(): IterableIterator<Held> {
    return this.#held.values();
  }

  #set(key: string, payload: Payload): Outcome {
    const old = this.#held.get(key);
    this.#held.set(key, { payload, time: performance.now() });
    if (old === undefined) {
      this.#change(undefined, payload, key);
      return 'added';
    }
    if (old.payload === payload || this.#same(old.payload, payload)) return 'same';
    this.#change(old.payload, payload, key);
    return 'changed';
  }
}
