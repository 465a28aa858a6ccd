import type { Plan, PlannedStep } from 'netconf/plugin';
import type { InForce } from './policies.ts';
import { firstStep, type Policy, type StepSection, startOf } from './policy.ts';

const plans = new WeakMap<Policy, Plan>();

/** The table of an operation, as a policy has it. A file with errors leaves what there is without a policy. */
export function planOf({ path, policy }: InForce): Plan {
  if (policy === undefined)
    return { file: `${path} (not in force: it has errors)`, prerequisites: [], start: firstStep, steps: {} };
  const known = plans.get(policy);
  if (known !== undefined) return known;
  const plan: Plan = {
    file: path,
    prerequisites: (policy.requests.get('IFUP')?.prerequisites ?? []).map(({ text }) => text),
    start: startOf(policy),
    steps: Object.fromEntries([...policy.steps].map(([step, section]) => [step, planned(section)])),
  };
  plans.set(policy, plan);
  return plan;
}

function planned({ parameters, next, retry }: StepSection): PlannedStep {
  return {
    parameters: texts(parameters),
    next: texts(next),
    ...(retry !== undefined && { retry: { times: retry.times, seconds: retry.seconds } }),
  };
}

function texts(words: ReadonlyMap<string, { text: string }>): Record<string, string> {
  return Object.fromEntries([...words].map(([name, { text }]) => [name, text]));
}
