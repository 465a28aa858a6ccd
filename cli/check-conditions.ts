import { existsSync } from 'node:fs';
import { checkTrust } from '../core/base/trust.ts';
import type { Loaded } from '../core/config/load.ts';
import { readConditions } from '../plugins/conditions/files.ts';
import { type Finding, findingAt } from './finding.ts';

const usual = '/etc/netconf/conditions.d';

/** What is wrong in the files of conditions; no directory where there is none to look at. */
export function checkConditions(loaded: Loaded | undefined): {
  directory: string | null;
  findings: Finding[];
} {
  const options = loaded?.configuration.plugins?.conditions;
  if (options === false) return { directory: null, findings: [] };
  const named = options?.directory;
  const directory = typeof named === 'string' ? named : usual;
  if (named === undefined && !existsSync(directory)) return { directory: null, findings: [] };
  const findings = readConditions(directory, checkTrust).flatMap(({ path, problems }) =>
    problems.map(problem => findingAt(path, problem)),
  );
  return { directory, findings };
}
