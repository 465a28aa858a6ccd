import type { Event, Netconf } from 'netconf/plugin';
import { messageOf } from '../../core/base/errors.ts';
import { type Answer, Bus } from './bus.ts';
import { Queue } from './queue.ts';
import { Refusals } from './refusals.ts';
import { Systemd, systemdName } from './systemd.ts';
import { emitByProgram, emitOnBus, initctl, upstartName } from './upstart.ts';
import { messagesFor, type Up } from './words.ts';

interface Item {
  event: Event;
  stanzas: readonly Up[];
}

/** Events that wait for an init system to answer. */
const mostWaiting = 256;

/** Passes an event on, whoever it is that takes them. */
type Target = (item: Item) => Promise<Answer>;

/** Passes events on to upstart or systemd, in order: whichever is there, found when there is something to say. */
export class Emitter {
  readonly #netconf: Netconf;
  readonly #bus: Bus;
  readonly #queue: Queue<Item>;
  readonly #refusals: Refusals;
  #target: Target | undefined;
  #saidSo = false;

  constructor(netconf: Netconf, address: string) {
    this.#netconf = netconf;
    this.#bus = new Bus(program => netconf.run(program), address);
    this.#refusals = new Refusals(netconf.log);
    this.#queue = new Queue(
      mostWaiting,
      item => this.#emit(item),
      ({ event }) => this.#refusals.tell(event.name, `more than ${mostWaiting} events wait`),
    );
  }

  emit(event: Event, stanzas: readonly Up[]): void {
    this.#queue.add({ event, stanzas });
  }

  /** Says what is not said yet. */
  sumUp(): void {
    this.#refusals.stop();
  }

  stop(): void {
    this.#queue.clear();
    this.#refusals.stop();
  }

  /** False where nobody is there to take it. Never rejects. */
  async #emit(item: Item): Promise<boolean> {
    try {
      this.#target ??= await this.#find();
      const answer = await this.#target?.(item);
      if (answer === undefined || (!answer.ok && answer.kind === 'gone')) {
        this.#target = undefined;
        this.#sayOnce(answer?.text);
        return false;
      }
      this.#saidSo = false;
      if (!answer.ok) this.#refusals.tell(item.event.name, answer.text);
    } catch (error) {
      this.#refusals.tell(item.event.name, messageOf(error));
    }
    return true;
  }

  /** upstart on the bus, systemd on the bus, and where there is no bus upstart by its own program. */
  async #find(): Promise<Target | undefined> {
    const { run } = this.#netconf;
    const isUpstart = await this.#bus.hasOwner(upstartName);
    if (isUpstart)
      return ({ event, stanzas }) => all(messagesFor(event, stanzas), one => emitOnBus(this.#bus, one));
    if (isUpstart === undefined) {
      const program = initctl();
      if (program === undefined) return undefined;
      return ({ event, stanzas }) =>
        all(messagesFor(event, stanzas), one => emitByProgram(run, program, one));
    }
    if ((await this.#bus.hasOwner(systemdName)) !== true) return undefined;
    const systemd = new Systemd(this.#bus, this.#netconf.paths.run);
    return ({ event }) => systemd.emit(event);
  }

  #sayOnce(reason = this.#bus.missing ?? 'neither upstart nor systemd answers on the system bus'): void {
    if (this.#saidSo) return;
    this.#saidSo = true;
    this.#netconf.log.warning(`events are not passed on: ${reason}`);
  }
}

/** One after the other; the first that fails is the answer. */
async function all<T>(items: readonly T[], emit: (item: T) => Promise<Answer>): Promise<Answer> {
  let failed: Answer | undefined;
  for (const item of items) {
    const answer = await emit(item);
    if (!answer.ok && answer.kind === 'gone') return answer;
    if (!answer.ok) failed ??= answer;
  }
  return failed ?? { ok: true, text: '' };
}
