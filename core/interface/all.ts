import { messageOf, NetconfError } from '../base/errors.ts';
import { anyGlob } from '../base/glob.ts';
import type { OperationResult, Verdict } from '../control/api.ts';
import type { Declared, Operation, Stanza } from '../plugin/hooks.ts';
import { isOwner } from './authorise.ts';
import type { Operations } from './operations.ts';
import type { Ask, OperationParts } from './parts.ts';
import { renamed } from './renamed.ts';

export interface AllAsk {
  /** `auto`, `hotplug`…: of `ifup`; `ifdown` takes whatever is configured. */
  class: string;
  /** Globs of interfaces to leave out. */
  exclude?: readonly string[] | undefined;
  ask: Omit<Ask, 'interface' | 'logical'>;
  /** May who asks do this with an interface? */
  admit?: (name: string) => Promise<Verdict>;
}

/** Operations that are at work at once; prerequisites come on top, so that none waits for a place. */
const parallel = 32;

/**
 * `ifup -a` and `ifdown -a`: every interface that a source declares in the class, in its order, or every one that is
 * configured, those that others need the last. Around all of them the phases run once for `--all`, whose stanza has the
 * family `meta` and the method `none`, as Debian's ifup runs its scripts.
 */
export async function operateAll(
  operations: Operations,
  request: 'ifup' | 'ifdown',
  all: AllAsk,
): Promise<OperationResult[]> {
  const { parts } = operations;
  if (parts.observe)
    throw new NetconfError('Denied', 'netconfd observes: it changes nothing on this machine');
  const skip = all.exclude === undefined || all.exclude.length === 0 ? () => false : anyGlob(all.exclude);
  const failed = request === 'ifup' && isTheirs(all) ? await renameAll(parts, all) : [];
  const every = await targetsOf(parts, request, all);
  const targets = every.filter(({ name }) => !skip(name));
  const refused = await refusals([...targets, ...every.filter(({ name }) => skip(name))], all);
  const mayAll = isTheirs(all) || (every.length > 0 && refused.size === 0);
  const around = aroundAll(parts, request, all, mayAll);
  await around(request === 'ifup' ? ['create', 'preUp'] : ['preDown']);
  const one = async (target: Target) => refused.get(target.name) ?? single(operations, request, all, target);
  const results = await (request === 'ifup' ? upAll(targets, one) : downAll(parts, targets, one));
  await around(request === 'ifup' ? ['postUp'] : ['postDown', 'destroy']);
  return [...failed, ...results];
}

/** Links are renamed before anything is looked up; one that cannot be is told, and ends nothing. */
async function renameAll(parts: OperationParts, { ask: { options } }: AllAsk): Promise<OperationResult[]> {
  try {
    await renamed(parts, [], { request: 'ifup', options, act: 'all' });
    return [];
  } catch (error) {
    const message = messageOf(error);
    parts.log.error(message);
    return [{ interface: '--all', logical: '--all', state: 'failed', outcome: 'FAIL', message, ms: 0 }];
  }
}

interface Target {
  name: string;
  logical?: string | undefined;
}

async function targetsOf(parts: OperationParts, request: 'ifup' | 'ifdown', all: AllAsk): Promise<Target[]> {
  if (request === 'ifdown') return parts.records.names().map(name => ({ name }));
  const { class: word, ask } = all;
  const { file } = ask.options ?? {};
  const asked = file === undefined ? {} : { file };
  const declared: readonly Declared[] = (await parts.hooks.call('declared', [], asked)) ?? [];
  // The interface's own name may be mapped; another one is what the file says.
  return declared
    .filter(({ classes }) => classes.includes(word))
    .map(({ interface: name, logical }) => ({ name, logical: logical === name ? undefined : logical }));
}

/** Does who asks own netconf as a whole? */
function isTheirs({ ask: { peer } }: AllAsk): boolean {
  return peer === undefined || isOwner(peer.uid);
}

/**
 * What who asks may not do. Scripts of `--all` are told that everything goes up, or down, so they run for who may do
 * that with every interface of the class only, those that were left out too, or with netconf as a whole.
 *
 * Each of them costs a look at the policies: others than the owner are told no without one from some number on, and
 * everybody else has a turn in between.
 */
async function refusals(all: readonly Target[], ask: AllAsk): Promise<Map<string, OperationResult>> {
  const refused = new Map<string, OperationResult>();
  for (const [at, { name, logical = name }] of all.entries()) {
    if (at % askedInTurn === askedInTurn - 1) await new Promise(resolve => setImmediate(resolve));
    const isTooMany = at >= mostAsked && !isTheirs(ask);
    const verdict = isTooMany ? tooMany : await ask.admit?.(name);
    if (verdict?.allow !== false) continue;
    refused.set(name, { interface: name, logical, state: 'refused', message: verdict.reason, ms: 0 });
  }
  return refused;
}

const askedInTurn = 16;
const mostAsked = 1024;
const tooMany = { allow: false, reason: `more than ${mostAsked} interfaces at once: name them` } as const;

type One = (target: Target) => Promise<OperationResult>;

/** In their order, so many at once. */
async function upAll(targets: readonly Target[], one: One): Promise<OperationResult[]> {
  const results: OperationResult[] = [];
  const left = [...targets.entries()];
  const worker = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift())
      results[next[0]] = await one(next[1]);
  };
  await Promise.all(Array.from({ length: Math.min(parallel, targets.length) }, worker));
  return results;
}

/** In rounds: those that nobody needs, then those that they needed. */
async function downAll({ records }: OperationParts, targets: readonly Target[], one: One) {
  const results: OperationResult[] = [];
  let left = [...targets];
  while (left.length > 0) {
    const names = new Set(left.map(({ name }) => name));
    const users = records.users();
    const free = left.filter(({ name }) => !users.get(name)?.some(user => names.has(user)));
    const round = free.length > 0 ? free : left;
    left = left.filter(target => !round.includes(target));
    const done = await Promise.all(round.map(one));
    results.push(...done.filter(({ state }) => state !== 'not-configured'));
  }
  return results;
}

/** One of all: what cannot begin is a result like others. */
async function single(
  operations: Operations,
  request: 'ifup' | 'ifdown',
  { ask }: AllAsk,
  { name, logical }: Target,
): Promise<OperationResult> {
  const base = { interface: name, logical: logical ?? name, ms: 0 };
  try {
    return await operations.operate(request, { ...ask, interface: name, logical });
  } catch (error) {
    return { ...base, state: 'failed', outcome: 'FAIL', message: messageOf(error) };
  }
}

type Phase = 'create' | 'preUp' | 'postUp' | 'preDown' | 'postDown' | 'destroy';

/** The phases of `--all`; a failure is told, and ends nothing. */
function aroundAll(
  parts: OperationParts,
  request: 'ifup' | 'ifdown',
  { ask, class: word }: AllAsk,
  allowed: boolean,
) {
  const stanza: Stanza = { family: 'meta', method: 'none', step: '', options: [] };
  const { source = 'daemon', cause, peer } = ask;
  const data = { logical: '--all', uid: peer?.uid ?? process.getuid?.() ?? 0, class: word };
  const event = parts.bus.create(`request.${request}`, { source, cause, data });
  const progress = (phase: string, message?: string) =>
    ask.progress?.({ interface: '--all', phase, ...(message !== undefined && { message }) });
  return async (phases: readonly Phase[]) => {
    for (const phase of allowed ? phases : []) {
      const operation: Operation = {
        interface: '--all',
        logical: '--all',
        request,
        step: '',
        parameters: {},
        stanza,
        options: ask.options ?? {},
        event: event as never,
        signal: ask.signal ?? new AbortController().signal,
        progress: message => progress(phase, message),
      };
      try {
        await parts.hooks.call(phase, operation);
      } catch (error) {
        const errors = error instanceof AggregateError ? error.errors : [error];
        for (const each of errors) {
          parts.log.warning(`${phase} of all interfaces: ${messageOf(each)}`);
          progress(phase, messageOf(each));
        }
      }
    }
  };
}
