import type { Plan, Stanza } from '../plugin/hooks.ts';
import { operationOf, ownStanza } from './operation.ts';
import type { Work } from './parts.ts';

/** The stanzas that the source of a step has, with what the configuration says beneath. */
export async function stanzasOf(work: Work, step: string, phase: string): Promise<readonly Stanza[]> {
  const operation = operationOf(work, ownStanza(step), parametersOf(work.plan, step), phase);
  const found = await work.parts.hooks.callStep('source', step, operation);
  return (found ?? []).map(stanza => beneath(work, stanza));
}

/** What a step begins with: its own stanza. Where a source says more, the configuration stands beneath that. */
export function stanzaOfStep(work: Work, step: string): Stanza {
  return work.parts.hooks.isTapped('source', step) ? ownStanza(step) : beneath(work, ownStanza(step));
}

export function parametersOf({ steps }: Plan, step: string): Readonly<Record<string, string>> {
  return (Object.hasOwn(steps, step) ? steps[step]?.parameters : undefined) ?? {};
}

function beneath({ parts, logical, plan }: Work, stanza: Stanza): Stanza {
  return parts.configured.beneath(stanza, logical, parametersOf(plan, stanza.step));
}
