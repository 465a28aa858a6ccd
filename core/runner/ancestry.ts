import { readFileSync } from 'node:fs';

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
    const stat = readStat(here);
    if (stat === undefined) return undefined;
    const byGroup = known(stat.group);
    if (byGroup !== undefined) return byGroup;
    here = stat.parent;
  }
  return undefined;
}

/** The fields after the program's name, which may hold blanks and parentheses (proc_pid_stat(5)). */
function readStat(pid: number): { parent: number; group: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [, parent, group] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(parent), group: Number(group) };
  } catch {
    return undefined;
  }
}
