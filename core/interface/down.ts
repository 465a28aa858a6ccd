import { messageOf } from '../base/errors.ts';
import { linkIndex, linkName } from '../base/libc/links.ts';
import { dismantle } from './dismantle.ts';
import { believed, type Done, defaultPlan, type Job, wayBack, workOf } from './job.ts';
import { ownPeer } from './parts.ts';
import { type Begun, type InterfaceRecord, move } from './record.ts';
import { linkOf } from './records.ts';
import { parametersOf, stanzasOf } from './stanzas.ts';

/** Takes one interface down: what is on record, the last stanza first, errors gathered. */
export async function down(job: Job): Promise<Done> {
  const { parts, ask, event } = job;
  const { records, bus } = parts;
  const began = performance.now();
  const { interface: name, options = {}, why = 'asked' } = ask;
  const found = believed(parts, name);
  const logical = found?.logical ?? ask.logical ?? name;
  const base = { interface: name, logical };
  const record = workToDo(found) ? found : options.force ? await declared(job, found) : undefined;
  if (record === undefined) {
    if (found !== undefined) forget(job, found);
    return { result: { ...base, state: 'not-configured' }, release: found?.prerequisites ?? [] };
  }
  const neededBy = records.usersOf(name).filter(user => user !== name);
  if (why === 'release' && (neededBy.length > 0 || record.explicit))
    return { result: { ...base, state: 'needed', neededBy }, release: [] };
  if (neededBy.length > 0 && !options.force) {
    const message = `${neededBy.join(', ')} ${neededBy.length === 1 ? 'needs' : 'need'} it`;
    return { result: { ...base, state: 'needed', neededBy, message }, release: [] };
  }
  const renamedTo = options.force ? undefined : otherName(record);
  if (renamedTo !== undefined) {
    const message = `its link is called ${renamedTo} now: give it the name ${linkOf(name)} again, or use --force`;
    return { result: { ...base, state: 'failed', outcome: 'FAIL', message }, release: [] };
  }
  records.write(move(record, 'down'));
  const work = wayBack(workOf(job, logical, defaultPlan, { ...record.options, ...options }));
  const undone = await dismantle(work, record, [...record.left, ...record.stanzas]);
  const release = record.prerequisites;
  const warnings = work.warnings.length > 0 ? { warnings: work.warnings } : {};
  const left = [...record.left, ...record.stanzas];
  if (left.length === 0 || options.force) {
    move(record, 'down-done');
    records.remove(name);
    const data = { logical, ms: Math.round(performance.now() - began) };
    const ifindex = linkIndex(linkOf(name));
    bus.publish('interface.deconfigured', { source: 'daemon', interface: name, ifindex, cause: event, data });
    return { result: { ...base, state: 'deconfigured', ...warnings }, release };
  }
  const step = left.at(-1)!.stanza.step;
  const message = undone.filter(each => !each.endsWith(': taken back')).join('; ');
  records.write(Object.assign(move(record, 'down-failed'), { step, outcome: 'FAIL', message }));
  const run = parts.programs.lastFailure(event.id, 0);
  const program = run === undefined ? {} : { script: run.script, output: run.output.slice(-4096) };
  return {
    result: { ...base, state: 'failed', step, outcome: 'FAIL', message, undone, ...program, ...warnings },
    release: [],
  };
}

/** Methods find a link by its name: of one that somebody has renamed they would take nothing back. */
function otherName({ interface: name, ifindex }: InterfaceRecord): string | undefined {
  return ifindex === undefined || linkIndex(linkOf(name)) !== undefined ? undefined : linkName(ifindex);
}

function workToDo(record: InterfaceRecord | undefined): record is InterfaceRecord {
  if (record === undefined) return false;
  return record.state !== 'failed' || record.stanzas.length + record.left.length > 0;
}

/** A failed one of which nothing is left. */
function forget({ parts }: Job, record: InterfaceRecord): void {
  move(move(record, 'down'), 'down-done');
  parts.records.remove(record.interface);
}

/** With `--force`: what a source declares, as though it had been brought up. */
async function declared(job: Job, found: InterfaceRecord | undefined): Promise<InterfaceRecord | undefined> {
  const { parts, ask } = job;
  const { hooks, records } = parts;
  const logical = ask.logical ?? ask.interface;
  try {
    const peer = ask.peer ?? ownPeer();
    const plan =
      (await hooks.call('plan', { action: 'IFDOWN', subject: ask.interface, peer })) ?? defaultPlan;
    const work = workOf(job, logical, plan, ask.options ?? {});
    const stanzas = await stanzasOf(work, plan.start, 'source');
    if (stanzas.length === 0) return undefined;
    const begun = stanzas.map(
      (stanza): Begun => ({ stanza, parameters: parametersOf(plan, stanza.step), reached: 'done' }),
    );
    return {
      interface: ask.interface,
      logical: stanzas.at(-1)?.logical ?? logical,
      state: found?.state ?? 'failed',
      since: Date.now(),
      explicit: true,
      boot: records.boot,
      options: ask.options ?? {},
      stanzas: begun,
      left: [],
      prerequisites: [],
    };
  } catch (error) {
    parts.log.warning(`${ask.interface}: what it would be taken down with is unknown: ${messageOf(error)}`);
    return undefined;
  }
}
