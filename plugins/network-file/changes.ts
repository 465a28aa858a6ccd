import { isDeepStrictEqual } from 'node:util';
import type { Stanza } from 'netconf/plugin';
import type { Unit } from './units.ts';

export interface Change {
  name: string;
  /** `down`: it is not declared any more, or disabled. `again`: it is declared otherwise. `up`: it is new. */
  what: 'down' | 'again' | 'up';
  /** Its link need not be there before. */
  made: boolean;
}

type Units = ReadonlyMap<string, Unit>;

/**
 * The least that leads from one configuration to another, in order: what goes, the last first and what needs others
 * before them; then what is new or other, in the order of the file.
 */
export function changesBetween(before: Units, after: Units): Change[] {
  const down: Change[] = [];
  for (const unit of before.values()) {
    const next = after.get(unit.name);
    const isOver = next === undefined || (next.enabled === false && unit.enabled !== false);
    if (isOver) down.push({ name: unit.name, what: 'down', made: unit.made });
  }
  const rest: Change[] = [];
  for (const unit of after.values()) {
    const last = before.get(unit.name);
    const { name, made } = unit;
    if (last === undefined || (last.enabled === false && unit.enabled !== false)) {
      if (unit.enabled !== false) rest.push({ name, what: 'up', made });
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
