import { messageOf } from '../base/errors.ts';
import { linkIndex } from '../base/libc/links.ts';
import type { OperationPath, PathStep, Peer } from '../control/api.ts';
import type { Operation, Plan, Replaced, Stanza } from '../plugin/hooks.ts';
import { authorise } from './authorise.ts';
import { defaultPlan } from './job.ts';
import { operationOf } from './operation.ts';
import type { OperationParts, Work } from './parts.ts';
import { linkOf } from './records.ts';
import { renamed } from './renamed.ts';
import { parametersOf, stanzaOfStep, stanzasOf } from './stanzas.ts';
import { transitions } from './states.ts';

/** Milliseconds that sources may take to answer. */
const sourcesMs = 10_000;

export interface PathView {
  /** Whose request it would be. */
  peer: Peer;
  /**
   * Ask sources, and show parameters and options: for root and the daemon's own user only. Files of sources may be theirs
   * alone, with secrets in them, and mappings run scripts.
   */
  open: boolean;
}

/**
 * The path that an operation of an interface would take for this peer: who would say what, found by asking those that
 * only answer (`authorise`, `plan`, sources, `prerequisites`), and by doing nothing. Never rejects for what they do.
 */
export async function pathOf(
  parts: OperationParts,
  request: 'ifup' | 'ifdown',
  on: string,
  { peer, open }: PathView,
): Promise<OperationPath> {
  const { hooks, records } = parts;
  const action = request === 'ifup' ? 'IFUP' : 'IFDOWN';
  const notes: string[] = [];
  const verdict = await authorise(hooks, { action, subject: on, peer });
  const record = records.read(on);
  const state = record?.state ?? 'down';
  const asked = { action, subject: on, peer } as const;
  const plan = await orNote(notes, 'plan', defaultPlan, () => hooks.call('plan', asked));
  const logical = record?.logical ?? on;
  const work = dryWork(parts, { request, on, logical, plan });
  const { steps, stanzas } =
    request === 'ifup'
      ? await upward(work, open, notes)
      : downward(work, record?.stanzas.map(one => one.stanza) ?? []);
  const first = operationFor(work, plan.start);
  const prerequisites =
    request === 'ifdown'
      ? []
      : await orNote(notes, 'prerequisites', plan.prerequisites, () =>
          hooks.call('prerequisites', plan.prerequisites, first),
        );
  const [name = on] = await orNote(notes, 'renamed', [on], () =>
    renamed(parts, [on], { request, act: 'nothing' }),
  );
  if (name !== on) notes.push(`${on} becomes ${name} first, and all this is asked of ${name}`);
  if (linkIndex(linkOf(on)) === undefined) notes.push(`there is no interface ${on} now`);
  if (request === 'ifup' && state === 'configured')
    notes.push(`${on} is configured: ifup does nothing, but with --force`);
  if (request === 'ifdown' && record === undefined)
    notes.push(`${on} is not configured: ifdown does nothing`);
  if (!open) notes.push('what sources have, parameters and options are shown to root only');
  const phases = request === 'ifup' ? upPhases : downPhases;
  return {
    operation: request,
    interface: on,
    logical,
    state,
    allowed: verdict.allow,
    ...(verdict.allow ? verdict.by !== undefined && { by: verdict.by } : { reason: verdict.reason }),
    file: plan.file,
    start: plan.start,
    prerequisites: [...prerequisites],
    steps: open ? steps : steps.map(step => ({ ...step, parameters: {} })),
    stanzas: stanzas.map(stanza => told(stanza, open)),
    taps: hooks.taps(...phases),
    replaced: replacedIn(work, stanzas),
    transitions: transitions.map(one => ({ ...one })),
    notes,
  };
}

const upPhases = ['create', 'preUp', 'postUp'] as const;
const downPhases = ['preDown', 'postDown', 'destroy'] as const;

/** The steps that can be reached, in the order in which they are. */
async function upward(
  work: Work,
  open: boolean,
  notes: string[],
): Promise<{ steps: PathStep[]; stanzas: Stanza[] }> {
  const stanzas: Stanza[] = [];
  const bySources = new Set<string>();
  const reached = new Map<string, PathStep>();
  const waiting = [work.plan.start];
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
    if (reached.has(step)) continue;
    const name = step;
    const one = pathStep(work, name);
    reached.set(name, one);
    if (one.kind === 'source' && open) {
      const found = await orNote(notes, name, [], () => stanzasOf(work, name, 'explain'));
      if (found.length === 0) notes.push(`${name} has nothing about ${work.logical} now`);
      stanzas.push(...found);
      for (const stanza of found) bySources.add(stanza.step);
      waiting.push(...found.map(stanza => stanza.step));
    } else if (!bySources.has(name)) {
      const own = stanzaOfStep(work, name);
      if (own.options.length > 0) stanzas.push(own);
    }
    waiting.push(...Object.values(one.next));
  }
  return { steps: [...reached.values()], stanzas };
}

/** What is on record, the last first. */
function downward(work: Work, stanzas: readonly Stanza[]): { steps: PathStep[]; stanzas: Stanza[] } {
  const backwards = stanzas.toReversed();
  const names = [...new Set(backwards.map(({ step }) => step))];
  return { steps: names.map(step => ({ ...pathStep(work, step), next: {} })), stanzas: backwards };
}

function pathStep({ plan, parts: { hooks } }: Work, step: string): PathStep {
  const { parameters = {}, next = {}, retry } = plan.steps[step] ?? {};
  const source = hooks.isTapped('source', step);
  return {
    step,
    kind: source ? 'source' : hooks.isTapped('step', step) ? 'work' : 'missing',
    parameters: { ...parameters },
    next: { ...next },
    ...(retry !== undefined && { retries: retry.times, retryAfter: retry.seconds }),
  };
}

function operationFor(work: Work, step: string): Operation {
  return operationOf(work, stanzaOfStep(work, step), parametersOf(work.plan, step), 'explain');
}

function dryWork(
  parts: OperationParts,
  { request, on, logical, plan }: { request: 'ifup' | 'ifdown'; on: string; logical: string; plan: Plan },
): Work {
  const data = { logical, uid: process.getuid?.() ?? 0 };
  return {
    parts,
    interface: on,
    logical,
    request,
    options: {},
    event: parts.bus.create(`request.${request}`, { source: 'control', interface: on, data }) as never,
    signal: AbortSignal.timeout(sourcesMs),
    plan,
    warnings: [],
    progress: () => undefined,
  };
}

/** Each script once, whichever stanza it is left out of. */
function replacedIn(work: Work, stanzas: readonly Stanza[]): Replaced[] {
  const { hooks } = work.parts;
  const all = stanzas.flatMap(
    stanza => hooks.callSync('replaced', [], operationOf(work, stanza, {}, 'explain')) ?? [],
  );
  return [...new Map(all.map(({ script, plugin }) => [script, { script, plugin }])).values()];
}

function told({ family, method, step, place, options }: Stanza, open: boolean) {
  const said = options.map(([name, value, at]) => `${name} ${value}${at === undefined ? '' : ` (${at})`}`);
  const words = open ? said : [];
  return { family, method, step, ...(place !== undefined && { place }), options: words };
}

/** What was asked for, or that it failed as a note. */
async function orNote<T>(
  notes: string[],
  who: string,
  otherwise: T,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  try {
    return (await ask()) ?? otherwise;
  } catch (error) {
    notes.push(`${who}: ${messageOf(error)}`);
    return otherwise;
  }
}
