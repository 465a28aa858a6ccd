import { readdirSync } from 'node:fs';
import { messageOf } from '../core/base/errors.ts';
import type { Word } from '../core/base/text/lines.ts';
import { didYouMean } from '../core/base/text/near.ts';
import { type Problem, warningAt } from '../core/base/text/problem.ts';
import { checkTrust } from '../core/base/trust.ts';
import { interfaceName, isEventName, pluginFamilies, reservedFamilies } from '../core/bus/catalogue.ts';
import { familyOf } from '../core/bus/event.ts';
import { Accounts } from '../plugins/policy/accounts.ts';
import { unknownSteps } from '../plugins/policy/consistency.ts';
import {
  fallback,
  isGlob,
  listPolicies,
  PolicyDirectories,
  type PolicyFile,
} from '../plugins/policy/directories.ts';
import type { Policy } from '../plugins/policy/policy.ts';
import { prerequisiteCycles } from '../plugins/policy/prerequisites.ts';
import { readPolicy } from '../plugins/policy/read.ts';
import { usualSteps } from '../plugins/policy/usual-steps.ts';
import { eventNames } from './completion/event-names.ts';
import { type Finding, findingAt } from './finding.ts';

/** What is wrong in the policies, and what somebody may have meant otherwise. */
export function checkPolicies(levels: readonly string[]): Finding[] {
  const files = listPolicies(levels);
  const accounts = new Accounts();
  const policies = new Map<string, { file: PolicyFile; policy: Policy }>();
  const findings = levels.flatMap(unreadable);
  for (const file of files) {
    const { policy, problems } = readPolicy(file.path, file.name, checkTrust);
    policies.set(file.name, { file, policy });
    const doubts = [
      ...nameDoubts(file.name),
      ...unknownSteps(policy, usualSteps, false),
      ...eventDoubts(policy),
      ...accountDoubts(policy, accounts),
    ];
    findings.push(...[...problems, ...doubts].map(problem => findingAt(file.path, problem)));
  }
  const directories = new PolicyDirectories(levels);
  const policyFor = (link: string) => policies.get(directories.fileFor(link)?.name ?? '');
  for (const { file, problem } of prerequisiteCycles([...policies.values()], policyFor))
    findings.push(findingAt(file.path, problem));
  return findings;
}

function unreadable(directory: string): Finding[] {
  try {
    readdirSync(directory);
    return [];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    return [{ severity: 'error', place: directory, message: messageOf(error) }];
  }
}

function nameDoubts(name: string): Problem[] {
  const whole = { line: 0, column: 0 };
  if (!isGlob(name) && !interfaceName.test(name))
    return [warningAt(whole, 'no interface can have this name', 'the file is called as the interface is')];
  const near = name === fallback ? undefined : didYouMean(name, [fallback]);
  return near === undefined ? [] : [warningAt(whole, `the policy of an interface ${name}`, near)];
}

/** Nobody but the core emits events of its families. */
function eventDoubts({ events }: Policy): Problem[] {
  return [...events].flatMap(([event, section]) => {
    const family = familyOf(event);
    const closed = reservedFamilies.has(family) && !pluginFamilies.has(family);
    if (!isEventName(event) || (eventNames as readonly string[]).includes(event)) return [];
    const hint = didYouMean(event, eventNames);
    if (!closed && hint === undefined) return [];
    return [warningAt(section, `netconf has no event ${event}`, hint)];
  });
}

function accountDoubts({ requests }: Policy, accounts: Accounts): Problem[] {
  const isUnknown = ({ text }: Word) =>
    text.startsWith('@') ? accounts.gidOf(text.slice(1)) === undefined : accounts.uidOf(text) === undefined;
  return [...requests.values()].flatMap(({ allow }) =>
    allow.filter(isUnknown).map(word => {
      const what = word.text.startsWith('@') ? 'group' : 'user';
      const file = what === 'group' ? '/etc/group' : '/etc/passwd';
      const hint = `a ${what} of another directory is written as its number`;
      return warningAt(word, `no ${what} ${word.text.replace('@', '')} in ${file}`, hint);
    }),
  );
}
