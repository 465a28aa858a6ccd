import type { InterfaceStatus } from '../control/api.ts';
import type { Begun, InterfaceRecord } from './record.ts';
import type { Belief, Records } from './records.ts';

/** An operation at work. */
export interface AtWork {
  request: 'ifup' | 'ifdown';
  logical: string;
  phase: string;
  step?: string | undefined;
}

/** Every interface that has a record, or at which an operation is at work. */
export function statusOf(
  records: Records,
  atWork: ReadonlyMap<string, AtWork>,
  waiting: (name: string) => number,
): InterfaceStatus[] {
  const all = new Map(records.all().map(record => [record.interface, record]));
  const names = [...new Set([...all.keys(), ...atWork.keys()])].sort();
  return names.flatMap(name => {
    const work = atWork.get(name);
    const found = all.get(name);
    const record = found !== undefined && isTold(records.belief(found)) ? found : undefined;
    if (record === undefined && work === undefined) return [];
    const left = waiting(name);
    return {
      ...(record === undefined ? beginning(name, work!) : known(record)),
      ...(work !== undefined && { phase: work.phase, ...(work.step !== undefined && { step: work.step }) }),
      ...(left > 0 && { waiting: left }),
      neededBy: usersIn(all, name),
    };
  });
}

function known(record: InterfaceRecord): InterfaceStatus {
  const { interface: on, logical, state, since, explicit, step, outcome, message, prerequisites } = record;
  return {
    interface: on,
    logical,
    state,
    since,
    explicit,
    ...(step !== undefined && { step }),
    ...(outcome !== undefined && { outcome }),
    ...(message !== undefined && { message }),
    stanzas: [...record.left, ...record.stanzas].map(toldStanza),
    prerequisites,
    neededBy: [],
  };
}

function toldStanza({ stanza }: Pick<Begun, 'stanza'>): InterfaceStatus['stanzas'][number] {
  const { family, method, step, place } = stanza;
  return { family, method, step, ...(place !== undefined && { place }) };
}

function beginning(name: string, { logical }: AtWork): InterfaceStatus {
  const nothing = { stanzas: [], prerequisites: [], neededBy: [] };
  return { interface: name, logical, state: 'down', since: Date.now(), explicit: false, ...nothing };
}

function usersIn(all: ReadonlyMap<string, InterfaceRecord>, name: string): string[] {
  return [...all.values()]
    .filter(({ state, prerequisites }) => state !== 'failed' && prerequisites.includes(name))
    .map(record => record.interface);
}

/** Of another link, or of before the machine's start, it says nothing about what is there now. */
function isTold(belief: Belief): boolean {
  return belief !== 'other' && belief !== 'replaced';
}
