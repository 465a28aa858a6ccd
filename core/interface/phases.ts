import { messageOf } from '../base/errors.ts';
import { linkIndex } from '../base/libc/links.ts';
import type { StepResult } from '../plugin/hooks.ts';
import { nameOf, operationOf } from './operation.ts';
import type { Work } from './parts.ts';
import { whileLive } from './patience.ts';
import { type Begun, reach } from './record.ts';
import { linkOf } from './records.ts';
import { isFailure } from './states.ts';

/** What one stanza came to. */
export interface Outcome {
  outcome: string;
  /** The step whose `[cfg]` section says what comes next. */
  step: string;
  failed: boolean;
  /** No policy says what comes next: a phase failed, or the operation was aborted. */
  final?: true;
  message?: string;
  /** The script or method that failed, and the end of what it printed. */
  script?: string;
  output?: string;
}

/** Characters of a failed program's output that a client is told. */
const toldOutput = 4096;

/**
 * Brings one stanza up: create, preUp, the step itself, postUp. The first failure ends it; with `force` (or
 * `ignoreErrors`) those of phases are only told. `reached` is called before each of them that makes a difference to taking
 * it back.
 */
export async function bringUp(work: Work, begun: Begun, reached: () => void): Promise<Outcome> {
  const { stanza } = begun;
  const { step } = stanza;
  const since = Date.now();
  const phase = async (name: 'create' | 'preUp' | 'postUp'): Promise<Outcome | undefined> => {
    const failure = await enter(work, begun, name, reached, () =>
      work.parts.hooks.call(name, operationOf(work, stanza, begun.parameters, name)),
    );
    if (failure === undefined) return undefined;
    if (!work.options.force && !work.options.ignoreErrors) return { ...failure, final: true };
    work.warnings.push(failure.message ?? `${name} failed`);
    return undefined;
  };
  const ended = (await phase('create')) ?? (await phase('preUp'));
  if (ended !== undefined) return ended;
  const ifindex = linkIndex(linkOf(work.interface));
  if (ifindex !== undefined) begun.ifindex = ifindex;
  // Not begun: nothing of it is to be taken back.
  if (!work.parts.hooks.isTapped('step', step))
    return { outcome: 'FAIL', step, failed: true, message: undone(work, step) };
  let result: StepResult | undefined;
  const thrown = await enter(work, begun, 'step', reached, async () => {
    result = await work.parts.hooks.callStep(
      'step',
      step,
      operationOf(work, stanza, begun.parameters, 'step'),
    );
  });
  if (thrown !== undefined) return thrown;
  if (result === undefined) return { outcome: 'FAIL', step, failed: true, message: undone(work, step) };
  if (work.signal.aborted) return aborted(work.signal, step);
  const { outcome, message } = result;
  const told = message === undefined ? {} : { message: messageOf(message) };
  if (isFailure(outcome)) return { outcome, step, failed: true, ...told, ...lastFailure(work, since) };
  const late = await phase('postUp');
  if (late !== undefined) return late;
  // Taken back as after `postUp`; on record with what the operation writes next.
  reach(begun, 'done');
  return { outcome, step, failed: false, ...told };
}

/** What could not be taken back of a stanza. */
export interface Leftover {
  /** Failures of scripts: the rest went on. */
  warnings: string[];
  /** Why the step could not take back what it did; the stanza stays on record then. */
  failure?: string;
}

/** Takes one stanza back: preDown, the step itself, postDown, destroy, as far as it got. Never rejects. */
export async function takeBack(work: Work, begun: Begun): Promise<Leftover> {
  const { stanza, parameters } = begun;
  const { hooks } = work.parts;
  const result: Leftover = { warnings: [] };
  const phase = async (name: 'preDown' | 'postDown' | 'destroy') => {
    work.progress({ phase: name, step: stanza.step, stanza: nameOf(stanza) });
    try {
      await whileLive(hooks.call(name, operationOf(work, stanza, parameters, name)), work.signal);
    } catch (error) {
      const errors = error instanceof AggregateError ? error.errors : [error];
      for (const each of errors) result.warnings.push(`${name}: ${messageOf(each)}`);
    }
  };
  if (begun.reached === 'postUp' || begun.reached === 'done') await phase('preDown');
  if (begun.reached !== 'create' && begun.reached !== 'preUp') {
    work.progress({ phase: 'step', step: stanza.step, stanza: nameOf(stanza) });
    try {
      const down = hooks.callStep('step', stanza.step, operationOf(work, stanza, parameters, 'step'));
      const done = await whileLive(down, work.signal);
      if (done === undefined) result.failure = undone(work, stanza.step);
      else if (isFailure(done.outcome))
        result.failure = `${stanza.step}: ${messageOf(done.message ?? done.outcome)}`;
    } catch (error) {
      result.failure = `${stanza.step}: ${messageOf(error)}`;
    }
  }
  await phase('postDown');
  await phase('destroy');
  return result;
}

/** Runs one phase of a stanza, on record before it begins; the failure, if there is one. */
async function enter(
  work: Work,
  begun: Begun,
  phase: 'create' | 'preUp' | 'step' | 'postUp',
  reached: () => void,
  run: () => Promise<unknown>,
): Promise<Outcome | undefined> {
  const { stanza } = begun;
  const { step } = stanza;
  const since = Date.now();
  if (work.signal.aborted) return aborted(work.signal, step);
  reach(begun, phase);
  // What is begun with `create` is taken back as after `preUp`: the record need not tell them apart.
  if (phase !== 'preUp') reached();
  work.progress({ phase, step, stanza: nameOf(stanza) });
  try {
    await whileLive(run(), work.signal);
    return work.signal.aborted ? aborted(work.signal, step) : undefined;
  } catch (error) {
    if (work.signal.aborted) return aborted(work.signal, step);
    const message = phase === 'step' ? messageOf(error) : `${phase}: ${messageOf(error)}`;
    return { outcome: 'FAIL', step, failed: true, message, ...lastFailure(work, since) };
  }
}

export function aborted(signal: AbortSignal, step: string): Outcome {
  return { outcome: 'ABORTED', step, failed: true, final: true, message: reasonOf(signal) };
}

/** Why an operation was aborted, in one sentence. */
export function reasonOf(signal: AbortSignal): string {
  const { reason } = signal;
  return reason instanceof DOMException ? 'interrupted: who asked for it is gone' : messageOf(reason);
}

function undone(work: Work, step: string): string {
  return work.parts.hooks.isTapped('step', step)
    ? `no plugin answered for the step ${step}`
    : `no plugin does the step ${step}: 'netconf plugins' lists what is loaded`;
}

/** The program of this operation that failed last since then, for whoever wants to know why. */
function lastFailure({ parts, event }: Work, since: number): Pick<Outcome, 'script' | 'output'> {
  const run = parts.programs.lastFailure(event.id, since);
  return run === undefined ? {} : { script: run.script, output: run.output.slice(-toldOutput) };
}
