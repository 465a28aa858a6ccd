import type { FirewallAction, FirewallRule } from 'netconf/plugin';
import type { Prefix } from './prefix.ts';

/** What the parts say, looked up and taken apart: compiler and reference model both begin here. */
export interface RuleSet {
  networks: Network[];
  rules: Rule[];
  /** Does a part want it? */
  spoofProtection: boolean;
}

export interface Network {
  name: string;
  /** Real links, each once. */
  links: string[];
  /** Declared, without overlaps. */
  prefixes: Prefix[];
  dynamic: boolean;
}

/** Has it addresses, now or at times? Else it is its links. */
export function hasPrefixes({ prefixes, dynamic }: Network): boolean {
  return prefixes.length > 0 || dynamic;
}

/** One end of one rule: what is said must all fit, or with `not` must not all fit. */
export interface End {
  not: boolean;
  network?: Network;
  addresses?: Prefix[];
  ports?: (readonly [number, number])[];
}

/** One rule of one source and one destination. */
export interface Rule {
  from?: End;
  to?: End;
  action: FirewallAction;
  protocol?: { numbers: readonly number[]; not: boolean };
  /** As it was said, with its place, for people. */
  said: FirewallRule;
  /** The plugin that said it. */
  plugin: string;
  /** Of the parts, which one: 0 for the first. */
  part: number;
  /** Of those of `said`, which one: 0 for the first. */
  nth: number;
}

/** Where the rule stands. */
export function placeOf({ said, plugin }: Pick<Rule, 'said' | 'plugin'>): string {
  return said.place ?? `plugin ${plugin}`;
}

/** Does it do something to every packet that matches, not only decide? */
export function hasEffects({ said }: Rule): boolean {
  return (
    said.log !== undefined ||
    said.monitor !== undefined ||
    said.setMark !== undefined ||
    said.setTos !== undefined
  );
}

/** Does it keep packets from going on? Of known connections such rules are not asked. */
export function refuses({ action }: Pick<Rule, 'action'>): boolean {
  return action.kind === 'deny' || action.kind === 'reject';
}

/** fe80::/10 (RFC 4291, 2.5.6): on each link anew, so by the link alone it is known whose it is. */
export const linkLocal: Prefix = { family: 6, bits: 0xfe80n << 112n, length: 10 };

/** Are link-local sources from this network, where they come in by its links? Where it has to do with IPv6. */
export function isAlsoLinkLocal({ links, prefixes, dynamic }: Network): boolean {
  return links.length > 0 && (dynamic || prefixes.some(({ family }) => family === 6));
}
