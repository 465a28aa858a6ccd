import type { Deadlines } from '../base/deadline.ts';
import { NetconfError } from '../base/errors.ts';
import { isThenable } from '../bus/bus.ts';
import type { OnRecord } from './on-record.ts';

/**
 * The one place where plugin code is entered: under its owner's name, on record while it runs, with a deadline for the
 * promise that it returns, and with every way of failing turned into one call of `settle`. Dead after unloading: what
 * is still registered then answers nothing.
 */
export class Guard {
  readonly owner: string;
  readonly #record: OnRecord;
  readonly #slot: number;
  #live = true;

  constructor(owner: string, record: OnRecord) {
    this.owner = owner;
    this.#record = record;
    this.#slot = record.slotOf(owner);
  }

  get live(): boolean {
    return this.#live;
  }

  kill(): void {
    this.#live = false;
  }

  /** Calls `code(a, b)`, which must answer at once: throws what it throws, and when it returns a promise. */
  call(code: Code, a: unknown, b: unknown): unknown {
    if (!this.#live) return undefined;
    const outer = this.#record.set(this.#slot);
    let result: unknown;
    try {
      result = code(a as never, b as never);
    } finally {
      this.#record.set(outer);
    }
    if (isThenable(result)) throw mustBeSynchronous(result);
    return result;
  }

  /**
   * Calls `code(a, b)`, then `settle` exactly once: at once when it returned or threw, later when it returned a
   * promise, at the latest when the deadline is over. `settle` must not throw.
   */
  enter(deadlines: Deadlines, code: Code, a: unknown, b: unknown, settle: Settle): void {
    if (!this.#live) {
      settle(undefined, undefined);
      return;
    }
    const outer = this.#record.set(this.#slot);
    let result: unknown;
    try {
      result = code(a as never, b as never);
      // What only looks like a promise is wrapped in one: its `then` may throw, here and later.
      if (!(result instanceof Promise) && isThenable(result)) result = Promise.resolve(result);
    } catch (error) {
      this.#record.set(outer);
      settle(error ?? new Error('threw nothing'), undefined);
      return;
    }
    this.#record.set(outer);
    if (result instanceof Promise) this.#await(deadlines, result, settle);
    else settle(undefined, result);
  }

  #await(deadlines: Deadlines, promise: PromiseLike<unknown>, settle: Settle): void {
    let open = true;
    const armed = deadlines.arm(() => {
      open = false;
      settle(timedOut(this.owner, deadlines.ms), undefined);
    });
    promise.then(
      result => {
        if (!open) return;
        open = false;
        deadlines.disarm(armed);
        settle(undefined, this.#live ? result : undefined);
      },
      error => {
        if (!open) return;
        open = false;
        deadlines.disarm(armed);
        settle(error ?? new Error('rejected with nothing'), undefined);
      },
    );
  }
}

/** A listener or a tap. */
export type Code = (a: never, b: never) => unknown;
export type Settle = (error: unknown, result: unknown) => void;

/** Nobody will wait for the promise: that it may reject is no further fault. */
function mustBeSynchronous(promise: PromiseLike<unknown>): Error {
  promise.then(undefined, () => undefined);
  return new Error(
    'it returned a promise, but must answer at once: register with tapPromise where there is one',
  );
}

function timedOut(owner: string, ms: number): NetconfError {
  return new NetconfError('TimedOut', `${owner}: its promise is still pending after ${ms / 1000} s`, {
    hint: 'does something it awaits never come? Give it a deadline of its own',
  });
}
