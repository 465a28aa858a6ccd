import { isDeepStrictEqual } from 'node:util';
import type { Stanza } from 'netconf/plugin';
import type { Unit } from './units.ts';

export interface Change {
  name: string;
  /**
   * `down`: it is not declared any more, or disabled. `again`: it is declared otherwise, or by another source from now on.
   * `new`: it was not declared here. `up`: it is as it was, and up already perhaps.
   */
  what: 'down' | 'again' | 'new' | 'up';
  /** Its link need not be there before. */
  made: boolean;
}

type Units = ReadonlyMap<string, Unit>;

/**
 * The least that leads from one configuration to another, in order: what goes, the last first and what needs others
 * before them; then what is new or other, in the order of the file.
 *
 * @param others names that another source declares: what goes here is that source's then
 */
export function changesBetween(
  before: Units,
  after: Units,
  others: ReadonlySet<string> = new Set(),
): Change[] {
  const down: Change[] = [];
  for (const unit of before.values()) {
    const next = after.get(unit.name);
    const isOver = next === undefined || (next.enabled === false && unit.enabled !== false);
    const isOthers = next === undefined && others.has(unit.name);
    if (isOver) down.push({ name: unit.name, what: isOthers ? 'again' : 'down', made: unit.made });
  }
  const rest: Change[] = [];
  for (const unit of after.values()) {
    const last = before.get(unit.name);
    const { name, made } = unit;
    if (last === undefined || (last.enabled === false && unit.enabled !== false)) {
      if (unit.enabled !== false) rest.push({ name, what: 'new', made });
    } else if (!isSame(last, unit) && !down.some(change => change.name === name)) {
      rest.push({ name, what: 'again', made });
    } else if (unit.classes.includes('auto')) {
      // Nothing to do where it is up; where it is not, somebody wants to have it so.
      rest.push({ name, what: 'up', made });
    }
  }
  const isNeeded = ({ name }: Change) => [...before.values()].some(unit => unit.prerequisites.includes(name));
  const made = down.filter(change => change.made && !isNeeded(change));
  return [...made.toReversed(), ...down.filter(change => !made.includes(change)).toReversed(), ...rest];
}

/** The way back from what was done, in reverse. */
export function undoOf(done: readonly Change[], others: ReadonlySet<string> = new Set()): Change[] {
  const opposite = { down: 'new', again: 'again', new: 'down', up: 'down' } as const;
  return done.toReversed().map(change => {
    const what = opposite[change.what];
    return { ...change, what: what === 'down' && others.has(change.name) ? 'again' : what };
  });
}

/** Do two say the same of an interface, wherever in a file they stand? */
export function isSame(a: Unit, b: Unit): boolean {
  return (
    isDeepStrictEqual(a.stanzas.map(meaning), b.stanzas.map(meaning)) &&
    isDeepStrictEqual(a.prerequisites, b.prerequisites)
  );
}

function meaning({ place: _, ...rest }: Stanza): Omit<Stanza, 'place'> {
  return rest;
}
