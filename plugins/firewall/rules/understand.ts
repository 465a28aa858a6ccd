import type { FirewallPart } from 'netconf/plugin';
import { checkPart } from './check-part.ts';
import type { Problem } from './problem.ts';
import { resolve } from './resolve.ts';
import type { RuleSet } from './resolved.ts';

/** What parts mean. They may be anybody's: each is checked before it is believed. */
export function understand(parts: readonly FirewallPart[]): { set: RuleSet; problems: Problem[] } {
  const checked = parts.map(checkPart);
  const { set, problems } = resolve(checked.filter(part => 'rules' in part));
  return { set, problems: [...checked.filter(part => 'message' in part), ...problems] };
}

/** Does anybody want anything? */
export function isWanted(parts: readonly FirewallPart[]): boolean {
  return parts.some(({ networks, rules }) => networks.length + rules.length > 0);
}
