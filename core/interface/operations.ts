import { setMaxListeners } from 'node:events';
import { messageOf, NetconfError } from '../base/errors.ts';
import { linkIndex } from '../base/libc/links.ts';
import type { Undo } from '../base/undo.ts';
import type { Event } from '../bus/event.ts';
import type { InterfaceStatus, OperationProgress, OperationResult } from '../control/api.ts';
import { Waits, type Words } from '../runner/waits.ts';
import { down } from './down.ts';
import type { Job } from './job.ts';
import { endWith } from './last.ts';
import { lockInterface } from './locks.ts';
import { type Ask, type OperationParts, ownPeer } from './parts.ts';
import { reasonOf } from './phases.ts';
import { isCutOff } from './record.ts';
import { linkOf } from './records.ts';
import { Refusals } from './refusals.ts';
import { type AtWork, statusOf } from './status.ts';
import { InterfaceTurns } from './turns.ts';
import { up } from './up.ts';

/** Milliseconds: the last resort of an operation, whose steps have time-outs of their own; and of another's lock. */
const longest = 3_600_000;
const lockMs = 60_000;
const stopMs = 20_000;

/**
 * The operations of all interfaces: `up` and `down` take their turn, one at a time for each interface, and are asked for
 * by clients, plugins, links that come, and other operations. What is configured stands in the records alone.
 *
 *     const result = await operations.operate('ifup', { interface: 'eth0', cause: event });
 */
export class Operations {
  readonly parts: OperationParts;
  readonly #turns = new InterfaceTurns();
  readonly #waits = new Waits(ofInterfaces);
  readonly #refusals = new Refusals();
  readonly #atWork = new Map<string, AtWork>();
  readonly #stop = new AbortController();

  constructor(parts: OperationParts) {
    this.parts = parts;
  }

  /**
   * Does one operation when its turn has come. Resolves with what it came to, failures too; rejects with `Denied` (a
   * daemon that observes), `Overloaded`, and `Reentrant` where who waits for it would wait for itself.
   */
  async operate(request: 'ifup' | 'ifdown', ask: Ask): Promise<OperationResult> {
    const began = performance.now();
    const name = ask.interface;
    const logical = ask.logical ?? name;
    const endWait = this.#admit(request, ask);
    const { signal, over } = endedBy(name, [this.#stop.signal, ask.signal]);
    let event: Event;
    try {
      event = this.#publish(request, ask);
    } catch (error) {
      endWait();
      over();
      throw error;
    }
    const progress = (step: Omit<OperationProgress, 'interface'>) => this.#progress(ask, request, step);
    try {
      if (this.#turns.isBusy(name)) progress({ phase: 'wait', message: 'another operation is at work' });
      const { result, release } = await this.#turns.take(name, signal, () =>
        this.#locked(request, { ask, event, signal, progress }),
      );
      endWait();
      await this.#release(release, ask, event);
      return { ...result, ms: since(began) };
    } catch (error) {
      if (error instanceof NetconfError && (error.code === 'Overloaded' || error.code === 'Internal'))
        throw error;
      const base = { interface: name, logical, state: 'failed', ms: since(began) } as const;
      if (signal.aborted) return { ...base, outcome: 'ABORTED', message: reasonOf(signal) };
      this.parts.log.error(`${request} ${name}: ${messageOf(error)}`);
      return { ...base, outcome: 'FAIL', message: messageOf(error) };
    } finally {
      endWait();
      over();
      this.#atWork.delete(name);
    }
  }

  /** Publishes that a request was refused: runs no scripts; for each user only so many in a time. */
  refused(request: 'ifup' | 'ifdown', ask: Ask, reason: string): void {
    const { uid } = ask.peer ?? ownPeer();
    if (this.#refusals.admits(uid)) this.#publish(request, ask, reason);
  }

  /** What netconf has configured, tried to, or works at. */
  status(): InterfaceStatus[] {
    return statusOf(this.parts.records, this.#atWork, name => this.#turns.waiting(name));
  }

  /** Goes on with what an earlier process was ended in the middle of, and lets go of prerequisites that nobody needs. */
  async recover(): Promise<void> {
    if (this.parts.observe) return;
    await this.#endOrphans();
    await Promise.all(
      this.parts.records.all().map(async ({ interface: name, logical, state, options, explicit }) => {
        const ask = { interface: name, logical, options, why: 'resume' } as const;
        try {
          if (state === 'configuring') await this.operate('ifup', ask);
          else if (state === 'deconfiguring') await this.operate('ifdown', ask);
          if (!explicit) await this.#release([name], ask, undefined);
        } catch (error) {
          this.parts.log.error(`${name}: ${messageOf(error)}`);
        }
      }),
    );
  }

  /** Nothing new begins; what is at work stays on record as it is, and goes on at the next start. */
  async stop(): Promise<void> {
    this.#stop.abort(new NetconfError('NotRunning', 'netconfd stops'));
    const end = performance.now() + stopMs;
    while (this.#turns.busy.length > 0 && performance.now() < end)
      await new Promise(resolve => setTimeout(resolve, 20));
  }

  async #locked(
    request: 'ifup' | 'ifdown',
    { ask, event, signal, progress }: Pick<Job, 'ask' | 'event' | 'signal' | 'progress'>,
  ) {
    const { records } = this.parts;
    records.makeDirectory();
    const waiting = () => progress({ phase: 'wait', message: 'another process is at work on it' });
    const unlock = await lockInterface(records.directory, ask.interface, lockMs, signal, waiting);
    this.#atWork.set(ask.interface, { request, logical: ask.logical ?? ask.interface, phase: 'begin' });
    try {
      await this.#endOrphans(ask.interface, isCutOff(records.read(ask.interface)));
      const job: Job = {
        parts: this.parts,
        ask,
        event,
        signal,
        progress,
        stopping: () => this.#stop.signal.aborted,
        operate: (what, other) => this.operate(what, other),
      };
      if (signal.aborted) {
        const base = { interface: ask.interface, logical: ask.logical ?? ask.interface };
        const why = { outcome: 'ABORTED', message: reasonOf(signal) };
        return { result: { ...base, state: 'failed', ...why }, release: [] } as const;
      }
      if (request === 'ifup') return await up(job);
      const done = await down(job);
      return ask.last === undefined ? done : await endWith(ask.last, job, done);
    } finally {
      unlock();
    }
  }

  /** What an earlier process was killed beside must not go on beside what this one does. */
  async #endOrphans(on?: string, cutOff = false): Promise<void> {
    const ended = await this.parts.programs.register.endOrphans(on, cutOff);
    for (const pid of ended)
      this.parts.log.notice(`process ${pid}, left of an operation that was cut off, has been ended`);
  }

  /** Throws where the operation must not begin; the undo ends the wait of who is inside another one. */
  #admit(request: 'ifup' | 'ifdown', ask: Ask): Undo {
    try {
      if (this.parts.observe)
        throw new NetconfError('Denied', 'netconfd observes: it changes nothing on this machine', {
          hint: 'start it without --observe',
        });
      if (this.#stop.signal.aborted) throw new NetconfError('NotRunning', 'netconfd stops');
      return ask.inside === undefined ? () => undefined : this.#waits.begin(ask.inside, ask.interface);
    } catch (error) {
      this.refused(request, ask, messageOf(error));
      throw error;
    }
  }

  /** Takes down what was brought up as a prerequisite alone, when nobody needs it any more. */
  async #release(names: readonly string[], ask: Ask, cause: Event | undefined): Promise<void> {
    const { records } = this.parts;
    for (const name of names.toReversed()) {
      const record = records.read(name);
      if (record === undefined || record.explicit || records.usersOf(name).length > 0) continue;
      if (this.#stop.signal.aborted) return;
      const { progress } = ask;
      await this.operate('ifdown', { interface: name, why: 'release', cause, progress });
    }
  }

  #publish(request: 'ifup' | 'ifdown', ask: Ask, refused?: string): Event {
    const { interface: name, logical = name, source = 'daemon', peer = ownPeer(), cause, options } = ask;
    const { class: word } = options ?? {};
    return this.parts.bus.publish(`request.${request}`, {
      source,
      interface: name,
      ifindex: ask.ifindex ?? linkIndex(linkOf(name)),
      cause,
      data: {
        logical,
        uid: peer.uid,
        ...(word !== undefined && word !== '' && { class: word }),
        ...(refused !== undefined && { refused }),
      },
    }) as unknown as Event;
  }

  #progress(ask: Ask, request: 'ifup' | 'ifdown', step: Omit<OperationProgress, 'interface'>): void {
    const { interface: name, logical = name } = ask;
    const known = this.#atWork.get(name);
    if (known !== undefined) this.#atWork.set(name, { request, logical, phase: step.phase, step: step.step });
    ask.progress?.({ interface: name, ...step });
  }
}

const ofInterfaces: Words = (from, to, circle) => ({
  message:
    from === to
      ? `${to}: the request comes from inside an operation of ${to}, for which it would wait`
      : `the interfaces wait for each other in a circle: ${circle}`,
  hint: from === to ? 'let the script end first' : 'take one of them out of the prerequisites of the other',
});

function since(began: number): number {
  return Math.round((performance.now() - began) * 1000) / 1000;
}

/**
 * A signal that is aborted with any of these, or when the longest time is over. Not `AbortSignal.any`: the signal that
 * lives as long as the daemon would remember each of them.
 */
function endedBy(
  name: string,
  signals: readonly (AbortSignal | undefined)[],
): { signal: AbortSignal; over: Undo } {
  const controller = new AbortController();
  const late = new NetconfError('TimedOut', `the operation of ${name} took longer than ${longest / 1000} s`);
  const timer = setTimeout(() => controller.abort(late), longest);
  const given = signals.filter(signal => signal !== undefined);
  // As many as there are operations at work; all go when these end.
  setMaxListeners(0, controller.signal, ...given);
  const aborted = (event: { target: unknown }) => controller.abort((event.target as AbortSignal).reason);
  for (const signal of given) {
    if (signal.aborted) controller.abort(signal.reason);
    else signal.addEventListener('abort', aborted);
  }
  const over = () => {
    clearTimeout(timer);
    for (const signal of given) signal.removeEventListener('abort', aborted);
  };
  return { signal: controller.signal, over };
}
