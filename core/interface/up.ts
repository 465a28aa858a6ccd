import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../base/errors.ts';
import { linkIndex } from '../base/libc/links.ts';
import { dismantle } from './dismantle.ts';
import { believed, type Done, defaultPlan, type Job, wayBack, workOf } from './job.ts';
import { operationOf } from './operation.ts';
import { ownPeer, type Work } from './parts.ts';
import { aborted, type Outcome } from './phases.ts';
import { type InterfaceRecord, isSameWork, move } from './record.ts';
import { isGone, linkOf } from './records.ts';
import { parametersOf, stanzaOfStep } from './stanzas.ts';
import { Walk } from './walk.ts';

/** Configures one interface: plan, prerequisites, steps; what was begun is undone when it fails. */
export async function up(job: Job): Promise<Done> {
  const { parts, ask, event } = job;
  const { records, bus } = parts;
  const began = performance.now();
  const old = await tidied(job);
  const { interface: name, options = {}, why = 'asked' } = ask;
  if (old?.state === 'configured' && !options.force && !ask.again) {
    if (why === 'asked' && !old.explicit) records.write({ ...old, explicit: true });
    return { result: { interface: name, logical: old.logical, state: 'already' }, release: [] };
  }
  const record: InterfaceRecord = {
    interface: name,
    logical: ask.logical ?? (why === 'resume' ? old?.logical : undefined) ?? name,
    state: old?.state ?? 'down',
    since: old?.since ?? Date.now(),
    explicit: why === 'asked' || old?.explicit === true,
    boot: records.boot,
    options,
    stanzas: [],
    left: [...(old?.left ?? []), ...(old?.stanzas ?? [])],
    prerequisites: old?.prerequisites ?? [],
  };
  records.write(move(record, 'up'));
  const { logical } = record;
  const about = { source: 'daemon', interface: name, cause: event } as const;
  bus.publish('interface.configuring', { ...about, ifindex: linkIndex(linkOf(name)), data: { logical } });

  const before = record.prerequisites;
  const { work, outcome } = await attempt(job, record);
  const released = () => before.filter(each => !record.prerequisites.includes(each));
  const base = { interface: name, logical: record.logical, ...told(outcome), ...warned(work) };
  if (!outcome.failed) {
    await dismantle(wayBack(work), record, record.left);
    // The link that the steps worked on: another one by its name may have taken its place meanwhile.
    const workedOn = record.stanzas.find(begun => begun.ifindex !== undefined)?.ifindex;
    const ifindex = workedOn ?? event.ifindex ?? linkIndex(linkOf(name));
    Object.assign(move(record, 'up-done'), { step: outcome.step, outcome: outcome.outcome, ifindex });
    if (ifindex === undefined) delete record.ifindex;
    records.write(record);
    const data = { logical: record.logical, step: outcome.step, ms: Math.round(performance.now() - began) };
    bus.publish('interface.configured', { ...about, ifindex, data });
    return { result: { ...base, state: 'configured' }, release: released() };
  }
  // The next daemon finds the record and goes on.
  if (job.signal.aborted && job.stopping()) return { result: { ...base, state: 'failed' }, release: [] };
  const begun = [...record.left, ...record.stanzas];
  const undone = await dismantle(wayBack(work), record, begun);
  const release = [...new Set([...before, ...record.prerequisites])];
  record.prerequisites = [];
  const unknown = outcome.outcome === 'NOTFOUND' && outcome.step === work.plan.start && begun.length === 0;
  if (unknown) {
    move(record, 'unknown');
    records.remove(name);
  } else {
    const { step, outcome: word, message = word } = outcome;
    records.write(Object.assign(move(record, 'up-failed'), { step, outcome: word, message }));
    records.boundFailed();
  }
  const { step, message = outcome.outcome } = outcome;
  const data = { logical: record.logical, step, outcome: outcome.outcome, message };
  bus.publish('interface.failed', { ...about, ifindex: linkIndex(linkOf(name)), data });
  return {
    result: { ...base, state: unknown ? 'unknown' : 'failed', ...(undone.length > 0 && { undone }) },
    release,
  };
}

/** The record to begin with. What an earlier operation could not take back, or a link that is gone left, goes first. */
async function tidied(job: Job): Promise<InterfaceRecord | undefined> {
  const { parts, ask } = job;
  const { records } = parts;
  const record = believed(parts, ask.interface);
  if (record === undefined) return undefined;
  const gone = isGone(records.belief(record));
  const leftovers = record.stanzas.length + record.left.length > 0;
  const cutOff = record.state === 'deconfiguring';
  if (!gone && !cutOff && !(record.state === 'failed' && leftovers)) return record;
  records.write(move(record, 'down'));
  const work = workOf(job, record.logical, defaultPlan, record.options);
  await dismantle(wayBack(work), record, [...record.left, ...record.stanzas]);
  delete record.ifindex;
  const done = record.stanzas.length + record.left.length === 0;
  move(record, done ? 'down-done' : 'down-failed');
  if (done) records.remove(record.interface);
  else records.write(record);
  return done ? undefined : record;
}

/** Plan, prerequisites, steps. Never rejects. */
async function attempt(job: Job, record: InterfaceRecord): Promise<{ work: Work; outcome: Outcome }> {
  const { parts, ask } = job;
  const { options = {} } = ask;
  let work = workOf(job, record.logical, defaultPlan, options);
  try {
    const peer = ask.peer ?? ownPeer();
    const plan = await parts.hooks.call('plan', { action: 'IFUP', subject: ask.interface, peer });
    work = workOf(job, record.logical, plan ?? defaultPlan, options);
    const hindrance = await prerequisites(job, work, record);
    if (hindrance !== undefined) return { work, outcome: hindrance };
    return { work, outcome: await walk(work, record) };
  } catch (error) {
    const { start } = work.plan;
    const message = messageOf(error);
    const outcome = { outcome: 'FAIL', step: start, failed: true, final: true, message } as const;
    return { work, outcome: job.signal.aborted ? aborted(work.signal, start) : outcome };
  }
}

/** Brings up first what must be; the outcome when that fails. */
async function prerequisites(job: Job, work: Work, record: InterfaceRecord): Promise<Outcome | undefined> {
  const { plan } = work;
  const parameters = parametersOf(plan, plan.start);
  const operation = operationOf(work, stanzaOfStep(work, plan.start), parameters, 'prerequisites');
  const all = await work.parts.hooks.call('prerequisites', plan.prerequisites, operation);
  const needed = [...new Set(all ?? plan.prerequisites)];
  if (!isDeepStrictEqual(needed, record.prerequisites)) {
    record.prerequisites = needed;
    work.parts.records.write(record);
  }
  for (const name of record.prerequisites) {
    if (work.signal.aborted) return aborted(work.signal, plan.start);
    work.progress({ phase: 'prerequisite', message: `${name} first` });
    const failed = (message: string): Outcome => ({
      outcome: 'FAIL',
      step: plan.start,
      failed: true,
      final: true,
      message: `its prerequisite ${name}: ${message}`,
    });
    try {
      const { event: cause, signal } = work;
      const { progress } = job.ask;
      const ask = {
        interface: name,
        why: 'prerequisite',
        inside: work.interface,
        cause,
        signal,
        progress,
      } as const;
      const { state, message } = await job.operate('ifup', ask);
      if (state !== 'configured' && state !== 'already') return failed(message ?? state);
    } catch (error) {
      return failed(messageOf(error));
    }
  }
  return undefined;
}

function walk(work: Work, record: InterfaceRecord): Promise<Outcome> {
  const { records } = work.parts;
  const keeper = {
    begin: (stanza: Parameters<typeof isSameWork>[0], parameters: Readonly<Record<string, string>>) => {
      const before = record.left.find(each => isSameWork(each.stanza, stanza));
      const begun = { stanza, parameters, reached: before?.reached ?? ('create' as const) };
      record.left = record.left.filter(each => !isSameWork(each.stanza, stanza));
      record.stanzas.push(begun);
      if (stanza.logical !== undefined) record.logical = stanza.logical;
      return begun;
    },
    changed: () => records.write(record),
    undo: async (begun: InterfaceRecord['stanzas'][number]) => {
      const back = wayBack(work);
      await dismantle(back, record, [begun]);
    },
  };
  return new Walk(work, keeper).run(work.plan.start);
}

function told({ step, outcome, message, script, output }: Outcome) {
  return {
    step,
    outcome,
    ...(message !== undefined && { message }),
    ...(script !== undefined && { script }),
    ...(output !== undefined && { output }),
  };
}

function warned({ warnings }: Work) {
  return warnings.length > 0 ? { warnings } : {};
}
