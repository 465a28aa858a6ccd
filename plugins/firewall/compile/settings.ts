import { type Family, parsePrefix } from '../rules/prefix.ts';
import type { Rule } from '../rules/resolved.ts';
import { rulesOf } from '../rules/stages.ts';
import { conditionOf } from './condition.ts';
import { familyOf } from './literal.ts';
import type { Sets } from './sets.ts';

/** How sources are checked: `strict`: the way back is by the link that it came by; `loose`: there is a way back. */
export type Spoofing = 'strict' | 'loose' | 'off';

/**
 * Settings of the kernel that rules need, by their names below /proc/sys (ip-sysctl.rst). That IPv6 is forwarded makes
 * links deaf to router advertisements where `accept_ra` is 1, so it becomes 2 there.
 *
 * @param spoofing undefined: nobody asks for it, and the kernel's own is left as it is
 */
export function settingsOf(
  rules: readonly Rule[],
  sets: Sets,
  spoofing: Spoofing | undefined,
): Record<string, number> {
  const forwarded = forwardedFamilies(rules, sets);
  const marks = rules.some(({ said }) => said.setMark !== undefined);
  const loopback = rules.some(({ action }) => action.kind === 'redirect' && isLoopback(action.address));
  return {
    ...(forwarded.has(4) && { 'net/ipv4/ip_forward': 1 }),
    ...(forwarded.has(6) && { 'net/ipv6/conf/all/forwarding': 1 }),
    // The way back is looked for with the mark, too, so that rp_filter drops nothing that is routed by it.
    ...(marks && { 'net/ipv4/conf/all/src_valid_mark': 1 }),
    ...(loopback && { 'net/ipv4/conf/all/route_localnet': 1 }),
    // The higher of `all` and the link's own counts: 2 is the loose one, whatever a link says.
    ...((spoofing === 'loose' || spoofing === 'off') && { 'net/ipv4/conf/all/rp_filter': 2 }),
  };
}

function forwardedFamilies(rules: readonly Rule[], sets: Sets): Set<Family> {
  const families = new Set<Family>();
  for (const rule of rulesOf(rules, 'forwarding')) {
    // What is let through everywhere asks for no forwarding.
    if (rule.action.kind === 'accept') continue;
    for (const alternative of conditionOf(rule, 'forwarding', sets)) {
      const family = familyOf(alternative);
      for (const each of family === undefined ? ([4, 6] as const) : [family]) families.add(each);
    }
    if (families.size === 2) break;
  }
  return families;
}

function isLoopback(address: string): boolean {
  const prefix = parsePrefix(address);
  return prefix?.family === 4 && prefix.bits >> 24n === 127n;
}
