import { NetconfError } from '../base/errors.ts';

/** Operations that may wait for one interface, and for all together. */
const mostWaiting = 16;
const mostInAll = 4096;
/** Milliseconds that one may wait for its turn. */
const longestWait = 3_600_000;

interface Waiting {
  begin: () => void;
}

/** One operation per interface at a time, the others wait in their order; different interfaces do not wait. */
export class InterfaceTurns {
  readonly #queues = new Map<string, Waiting[]>();
  #inAll = 0;

  /** Operations that wait for this interface. */
  waiting(name: string): number {
    return this.#queues.get(name)?.length ?? 0;
  }

  isBusy(name: string): boolean {
    return this.#queues.has(name);
  }

  /** Names of interfaces at work. */
  get busy(): readonly string[] {
    return [...this.#queues.keys()];
  }

  /**
   * Does the work when its turn has come. Throws `Overloaded` when too many wait, `TimedOut` when its turn does not come,
   * and the signal's reason when that is aborted before.
   */
  async take<T>(name: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const queue = this.#queues.get(name);
    if (queue === undefined) this.#queues.set(name, []);
    else await this.#wait(name, queue, signal);
    try {
      return await work();
    } finally {
      this.#next(name);
    }
  }

  #next(name: string): void {
    const waiting = this.#queues.get(name)?.shift();
    if (waiting === undefined) this.#queues.delete(name);
    else waiting.begin();
  }

  #wait(name: string, queue: Waiting[], signal: AbortSignal | undefined): Promise<void> {
    if (queue.length >= mostWaiting || this.#inAll >= mostInAll) {
      throw new NetconfError('Overloaded', `${name}: ${queue.length} operations wait for this interface`, {
        hint: 'wait until some of them are done: netconf status',
      });
    }
    this.#inAll++;
    return new Promise<void>((resolve, reject) => {
      const leave = (reason: unknown) => {
        const at = queue.indexOf(waiting);
        if (at < 0) return;
        queue.splice(at, 1);
        over();
        reject(reason);
      };
      const aborted = () => leave(signal?.reason);
      const timer = setTimeout(
        () =>
          leave(
            new NetconfError('TimedOut', `${name}: its turn did not come within ${longestWait / 1000} s`),
          ),
        longestWait,
      );
      const over = () => {
        this.#inAll--;
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
      };
      const waiting: Waiting = {
        begin: () => {
          over();
          resolve();
        },
      };
      queue.push(waiting);
      signal?.addEventListener('abort', aborted, { once: true });
      if (signal?.aborted) aborted();
    });
  }
}
