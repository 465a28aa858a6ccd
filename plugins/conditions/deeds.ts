import { type Event, failureOf, type Netconf, variablesOf } from 'netconf/plugin';
import { messageOf } from '../../core/base/errors.ts';
import type { Action } from './model.ts';
import { printAction } from './print.ts';

interface Wanted {
  actions: readonly Action[];
  event: Event;
}

/** Of one condition: what may wait while its actions are at work. */
const mostWaiting = 16;
/** Seconds that a program may take. */
const deadline = 30;

/** What follows conditions: for each condition one action after the other, in the order in which it was met. */
export class Deeds {
  readonly #netconf: Netconf;
  readonly #waiting = new Map<string, Wanted[]>();
  readonly #end = new AbortController();

  constructor(netconf: Netconf) {
    this.#netconf = netconf;
  }

  want(condition: string, actions: readonly Action[], event: Event): void {
    // A daemon that observes changes nothing: what would be done stands in `netconf explain`.
    if (this.#netconf.observe || actions.length === 0) return;
    const queue = this.#waiting.get(condition);
    if (queue === undefined) {
      void this.#work(condition, { actions, event });
      return;
    }
    if (queue.length === mostWaiting) {
      queue.shift();
      this.#fail(
        condition,
        'the oldest of all',
        event,
        `more than ${mostWaiting} times met, and not done yet`,
      );
    }
    queue.push({ actions, event });
  }

  stop(): void {
    this.#end.abort();
  }

  async #work(condition: string, first: Wanted): Promise<void> {
    const queue: Wanted[] = [];
    this.#waiting.set(condition, queue);
    for (let wanted: Wanted | undefined = first; wanted !== undefined; wanted = queue.shift()) {
      const { actions, event } = wanted;
      for (const action of actions) {
        if (this.#end.signal.aborted) return;
        const failure = await this.#do(action, condition, event).catch(messageOf);
        if (failure !== undefined) this.#fail(condition, printAction(action), event, failure);
      }
    }
    this.#waiting.delete(condition);
  }

  /** Resolves with why it failed. */
  async #do({ deed, what, data }: Action, condition: string, cause: Event): Promise<string | undefined> {
    if (deed === 'emit') {
      const { IFACE: named = cause.interface, ...rest } = data ?? {};
      this.#netconf.emit(what!, rest, { ...(named !== undefined && { interface: named }), cause });
      return undefined;
    }
    if (deed === 'run') return this.#run(what!, condition, cause);
    const target = what ?? cause.interface;
    if (target === undefined) return `${cause.name} is about no interface: name one`;
    const { state, message } = await this.#netconf.operate(deed, target, { cause });
    return ['failed', 'refused', 'unknown'].includes(state) ? (message ?? state) : undefined;
  }

  async #run(path: string, condition: string, event: Event): Promise<string | undefined> {
    const run = await this.#netconf.run({
      path,
      argv: [event.name],
      environment: {
        ...variablesOf(event),
        NETCONF_SOCKET: this.#netconf.paths.socket,
        NETCONF_CONDITION: condition,
      },
      input: `${JSON.stringify(event)}\n`,
      deadline,
      // So the history has it under the event, and what the program emits has the event as its cause.
      operation: { interface: event.interface ?? '', event, signal: this.#end.signal },
    });
    const failure = failureOf(run);
    const said = run.output.trimEnd().split('\n').at(-1);
    return failure !== undefined && said ? `${failure}: ${said}` : failure;
  }

  #fail(condition: string, action: string, cause: Event, message: string): void {
    this.#netconf.log.warning(`${condition}: ${action}: ${message}`);
    const on = cause.interface === undefined ? {} : { interface: cause.interface };
    this.#netconf.emit('condition.failed', { condition, action, message }, { ...on, cause });
  }
}
