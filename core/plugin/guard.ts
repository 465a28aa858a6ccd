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
  #live = true;

  constructor(owner: string, record: OnRecord) {
    this.owner = owner;
    this.#record = record;
  }

  get live(): boolean {
    return this.#live;
  }

  kill(): void {
    this.#live = false;
  }

  /**
   * Calls `code`, then `settle` exactly once: at once when it returned or threw, later when it returned a promise, at
   * the latest when the deadline is over. `settle` must not throw.
   */
  enter<Result>(
    deadlines: Deadlines,
    code: () => Result | PromiseLike<Result>,
    settle: (error: unknown, result?: Result) => void,
  ): void {
    if (!this.#live) {
      settle(undefined);
      return;
    }
    const outer = this.#record.begin(this.owner);
    let result: Result | PromiseLike<Result>;
    try {
      result = code();
    } catch (error) {
      this.#record.end(outer);
      settle(error ?? new Error('threw nothing'));
      return;
    }
    this.#record.end(outer);
    if (isThenable(result)) this.#await(deadlines, result as PromiseLike<Result>, settle);
    else settle(undefined, result as Result);
  }

  #await<Result>(
    deadlines: Deadlines,
    promise: PromiseLike<Result>,
    settle: (error: unknown, result?: Result) => void,
  ): void {
    let open = true;
    const close = () => {
      const was = open;
      open = false;
      return was;
    };
    const disarm = deadlines.arm(() => {
      if (close()) settle(timedOut(this.owner, deadlines.ms));
    });
    promise.then(
      result => {
        disarm();
        if (close()) settle(undefined, this.#live ? result : undefined);
      },
      error => {
        disarm();
        if (close()) settle(error ?? new Error('rejected with nothing'));
      },
    );
  }
}

function timedOut(owner: string, ms: number): NetconfError {
  return new NetconfError('TimedOut', `${owner}: its promise is still pending after ${ms / 1000} s`, {
    hint: 'does something it awaits never come? Give it a deadline of its own',
  });
}
