import type { Problem } from '../../core/base/text/problem.ts';
import { readText } from '../../core/base/text/read-text.ts';
import type { Trust } from '../../core/base/trust.ts';
import { problemsOf } from './consistency.ts';
import { parsePolicy } from './parse.ts';
import type { Policy } from './policy.ts';

/** A policy with everything that is wrong with it; with an error in `problems` it is none to go by. */
export interface Read {
  policy: Policy;
  problems: Problem[];
}

/**
 * Reads one file, whatever lies there.
 *
 * @param name of the file: an interface, a glob, or `default`
 * @param trust the owner rule
 */
export function readPolicy(path: string, name: string, trust: (path: string) => Trust): Read {
  const read = readText(path, trust);
  if ('problem' in read) return { policy: empty, problems: [read.problem] };
  const { policy, problems } = parsePolicy(read.text);
  return { policy, problems: [...problems, ...problemsOf(policy, name)] };
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some(({ severity }) => severity === 'error');
}

const empty: Policy = { requests: new Map(), steps: new Map(), events: new Map() };
