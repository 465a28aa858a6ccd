import { errorAt, type Problem } from '../../core/base/text/problem.ts';
import { cyclesIn } from './cycles.ts';
import type { PolicyFile } from './directories.ts';
import type { Policy } from './policy.ts';

interface Filed {
  file: PolicyFile;
  policy: Policy;
}

/** Interfaces that wait for each other in a circle, across files; that one waits for itself its own file tells. */
export function prerequisiteCycles(
  all: readonly Filed[],
  policyFor: (link: string) => Filed | undefined,
): { file: PolicyFile; problem: Problem }[] {
  const names = all.flatMap(({ file, policy }) => [file.name, ...needsOf(policy).map(({ text }) => text)]);
  const edges = new Map(
    names.map(name => [
      name,
      needsOf(policyFor(name)?.policy).map(({ text, ...at }) => ({ to: text, ...at })),
    ]),
  );
  return cyclesIn(edges).flatMap(cycle => {
    const last = policyFor(cycle.names.at(-2)!);
    if (last === undefined || last.file.name === cycle.names[0]) return [];
    const message = `prerequisites in a circle: ${cycle.names.join(' → ')}`;
    return [{ file: last.file, problem: errorAt(cycle.at, message) }];
  });
}

function needsOf(policy: Policy | undefined) {
  return policy?.requests.get('IFUP')?.prerequisites ?? [];
}
