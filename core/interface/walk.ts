import { messageOf } from '../base/errors.ts';
import type { PlannedStep, Stanza } from '../plugin/hooks.ts';
import type { Work } from './parts.ts';
import { pause, whileLive } from './patience.ts';
import { aborted, bringUp, type Outcome } from './phases.ts';
import { type Begun, isSameWork } from './record.ts';
import { stanzaOfStep, stanzasOf } from './stanzas.ts';

/** Steps that one operation may take in all, retries aside: a policy is not that long, a circle is. */
const mostSteps = 64;
/** Seconds: a wait between two attempts does not become longer. */
const longestPause = 300;

/** What a walk does with the record of its interface. */
export interface Keeper {
  /** A stanza begins: puts it on record. */
  begin(stanza: Stanza, parameters: Readonly<Record<string, string>>): Begun;
  /** Something of it has changed. */
  changed(): void;
  /** Takes a stanza back that failed, before something else is tried. */
  undo(begun: Begun): Promise<void>;
}

/**
 * Walks through the steps of a plan: asks sources for stanzas, brings each up, and goes on where the plan says that an
 * outcome leads to. A stanza whose failure leads on has the result of what follows; the first that stays a failure ends
 * the walk. Never rejects.
 */
export class Walk {
  readonly #work: Work;
  readonly #keeper: Keeper;
  #steps = 0;

  constructor(work: Work, keeper: Keeper) {
    this.#work = work;
    this.#keeper = keeper;
  }

  async run(step: string): Promise<Outcome> {
    if (++this.#steps > mostSteps) {
      const message = `more than ${mostSteps} steps: do the outcomes of ${this.#work.plan.file} lead in a circle?`;
      return { outcome: 'FAIL', step, failed: true, final: true, message };
    }
    const { hooks } = this.#work.parts;
    if (!hooks.isTapped('source', step)) return this.#stanza(stanzaOfStep(this.#work, step), undefined);
    const stanzas = await this.#ask(step);
    if ('outcome' in stanzas) return this.#follow(step, stanzas);
    let last: Outcome = { outcome: 'OK', step, failed: false };
    for (const stanza of stanzas) {
      last = await this.#stanza(stanza, step);
      if (last.failed) return last;
    }
    return this.#follow(step, last);
  }

  /** The stanzas that a source has, or why there are none. */
  async #ask(step: string): Promise<readonly Stanza[] | Outcome> {
    const work = this.#work;
    const planned = this.#planned(step);
    work.progress({ phase: 'source', step });
    const attempt = async (): Promise<readonly Stanza[] | Outcome> => {
      try {
        const found = await whileLive(stanzasOf(work, step, 'source'), work.signal);
        if (work.signal.aborted) return aborted(work.signal, step);
        if (found.length > 0) return numbered(found);
        const message = `${step} has nothing about ${work.logical}`;
        return { outcome: 'NOTFOUND', step, failed: true, message };
      } catch (error) {
        if (work.signal.aborted) return aborted(work.signal, step);
        return { outcome: 'FAIL', step, failed: true, final: true, message: messageOf(error) };
      }
    };
    return this.#again(planned, attempt, result => 'outcome' in result);
  }

  async #stanza(stanza: Stanza, source: string | undefined): Promise<Outcome> {
    const planned = this.#planned(stanza.step);
    const attempt = async () => {
      const begun = this.#keeper.begin(stanza, planned.parameters);
      const result = await bringUp(this.#work, begun, () => this.#keeper.changed());
      // Whatever comes next, or nothing: it begins without what failed here. An abort is undone as a whole.
      if (result.failed && !this.#work.signal.aborted) await this.#keeper.undo(begun);
      return result;
    };
    const result = await this.#again(planned, attempt, ({ failed, final }) => failed && !final);
    if (result.final) return result;
    const next = planned.next[result.outcome];
    if (next !== undefined) return this.#go(next, result);
    return result.failed && source !== undefined ? this.#follow(source, result) : result;
  }

  /** Tries again as the plan says, for as long as it failed. */
  async #again<T>(
    planned: PlannedStep,
    attempt: () => Promise<T>,
    failed: (result: T) => boolean,
  ): Promise<T> {
    const { times = 0, seconds = 1 } = planned.retry ?? {};
    let wait = seconds;
    for (let left = times; ; left--) {
      const result = await attempt();
      if (left <= 0 || !failed(result) || this.#work.signal.aborted) return result;
      this.#work.progress({ phase: 'retry', message: `again in ${wait} s; attempts left: ${left}` });
      try {
        await pause(wait * 1000, this.#work.signal);
      } catch {
        return result;
      }
      wait = Math.min(wait * 2, longestPause);
    }
  }

  #follow(step: string, result: Outcome): Promise<Outcome> | Outcome {
    const next = this.#planned(step).next[result.outcome];
    return next === undefined || result.final ? result : this.#go(next, result);
  }

  #go(next: string, { step, outcome, message }: Outcome): Promise<Outcome> {
    const why = message === undefined ? '' : ` (${message})`;
    this.#work.progress({ phase: 'next', step: next, message: `${step} came to ${outcome}${why}` });
    return this.run(next);
  }

  #planned(step: string): PlannedStep {
    const { steps } = this.#work.plan;
    return (Object.hasOwn(steps, step) ? steps[step] : undefined) ?? { parameters: {}, next: {} };
  }
}

/** Tells stanzas apart that do the same kind of work: what each added is kept apart too. */
function numbered(stanzas: readonly Stanza[]): Stanza[] {
  return stanzas.map((stanza, at) => {
    const before = stanzas.slice(0, at).filter(each => isSameWork(each, stanza)).length;
    return before === 0 ? stanza : { ...stanza, nth: before + 1 };
  });
}
