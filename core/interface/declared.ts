import type { InterfaceStatus } from '../control/api.ts';
import type { Declared } from '../plugin/hooks.ts';

/**
 * What netconf has to do with, and beside it what sources declare in a class: an interface that nobody has asked for
 * yet is down.
 */
export function withDeclared(
  interfaces: readonly InterfaceStatus[],
  declared: readonly Declared[],
): InterfaceStatus[] {
  const all = new Map(interfaces.map(one => [one.interface, one]));
  for (const { interface: name, logical, classes } of declared) {
    const known = all.get(name) ?? down(name, logical);
    all.set(name, { ...known, classes: [...new Set([...(known.classes ?? []), ...classes])] });
  }
  return [...all.values()];
}

function down(name: string, logical: string): InterfaceStatus {
  const nothing = { stanzas: [], prerequisites: [], neededBy: [] };
  return { interface: name, logical, state: 'down', since: 0, explicit: false, ...nothing };
}
