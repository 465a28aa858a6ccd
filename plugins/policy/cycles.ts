import type { Position } from '../../core/base/text/problem.ts';

type Edge = Position & { to: string };

/** A cycle: its names with the first one again at the end, and where the last step of it stands. */
export interface Cycle {
  names: string[];
  at: Position;
}

/** One cycle for each place where a path comes back to itself, depth first in the order given. */
export function cyclesIn(edges: ReadonlyMap<string, readonly Edge[]>): Cycle[] {
  const cycles: Cycle[] = [];
  const done = new Set<string>();
  const visit = (name: string) => ({ name, rest: (edges.get(name) ?? [])[Symbol.iterator]() });
  for (const start of edges.keys()) {
    if (done.has(start)) continue;
    // No recursion: a file has room for a chain of tens of thousands.
    const path = [visit(start)];
    const onPath = new Set([start]);
    for (let here = path.at(-1); here !== undefined; here = path.at(-1)) {
      const edge = here.rest.next().value as Edge | undefined;
      if (edge === undefined) {
        path.pop();
        onPath.delete(here.name);
        done.add(here.name);
      } else if (onPath.has(edge.to)) {
        const names = path.map(({ name }) => name);
        const { to, line, column } = edge;
        cycles.push({ names: [...names.slice(names.indexOf(to)), to], at: { line, column } });
      } else if (!done.has(edge.to)) {
        path.push(visit(edge.to));
        onPath.add(edge.to);
      }
    }
  }
  return cycles;
}
