import { processStat } from '../base/process-stat.ts';

/** Parents that are looked at: nobody nests shells deeper, and a loop cannot happen, but /proc is not ours. */
const furthest = 64;

/**
 * Walks from a process up its parents until `known` answers for one of them, or for its process group (a child that
 * was left behind by its parent still has the group of the script). Undefined when nobody up there is known.
 */
export function findAncestor<T>(pid: number, known: (pid: number) => T | undefined): T | undefined {
  let here = pid;
  for (let step = 0; step < furthest && here > 1; step++) {
    const own = known(here);
    if (own !== undefined) return own;
    const stat = processStat(here);
    if (stat === undefined) return undefined;
    const byGroup = known(stat.group);
    if (byGroup !== undefined) return byGroup;
    here = stat.parent;
  }
  return undefined;
}
