import { globMatches } from '../../core/base/glob.ts';
import { type Contribution, kinds, type Settings } from './model.ts';

/** What the configuration says of interfaces. */
export interface Rules {
  /** Names and patterns of interfaces: what matches the first goes first. */
  order: readonly string[];
  /** Interfaces of which nothing is taken. */
  ignore: readonly string[];
}

/** An interface with all that its sources say. */
export interface Part {
  interface: string;
  /** Of its default route; none without one. */
  metric?: number;
  contributions: readonly Contribution[];
}

/** A value, with who said it first. */
export interface Sourced {
  value: string;
  of: Contribution;
}

/** What applies to the whole machine. Nothing comes twice. */
export interface Merged {
  parts: readonly Part[];
  servers: readonly Sourced[];
  search: readonly Sourced[];
  options: readonly Sourced[];
  sortlist: readonly Sourced[];
}

/**
 * Merges what all sources say: interfaces by rule; without one those of VPNs first, since what a VPN's servers know
 * nobody else does; then by the metric of the default route, and then as they came.
 */
export function merge(
  contributions: readonly Contribution[],
  metrics: ReadonlyMap<string, number>,
  { order, ignore }: Rules,
): Merged {
  const byInterface = new Map<string, Contribution[]>();
  for (const one of contributions) {
    if (ignore.some(pattern => globMatches(pattern, one.interface))) continue;
    byInterface.set(one.interface, [...(byInterface.get(one.interface) ?? []), one]);
  }
  const parts = [...byInterface].map(([on, all]): Part => {
    const metric = metrics.get(linkOf(on));
    return { interface: on, ...(metric !== undefined && { metric }), contributions: all.sort(within) };
  });
  const ranks = new Map(parts.map(part => [part, rankOf(part, order)]));
  parts.sort((one, other) => compare(ranks.get(one)!, ranks.get(other)!));
  const sorted = parts.flatMap(part => part.contributions);
  return {
    parts,
    servers: once(sorted, 'servers'),
    search: once(sorted, 'search'),
    options: once(sorted, 'options', value => value.replace(/:.*/, '')),
    sortlist: once(sorted, 'sortlist'),
  };
}

/** Rule, VPN, metric, arrival: the lower goes first. */
function rankOf({ interface: on, metric, contributions }: Part, order: readonly string[]): readonly number[] {
  const rule = order.findIndex(pattern => globMatches(pattern, on));
  const isVpn = contributions.some(({ kind }) => kind === 'vpn');
  const arrival = Math.min(...contributions.map(({ since }) => since));
  const last = Number.MAX_SAFE_INTEGER;
  return [rule < 0 ? last : rule, rule < 0 && isVpn ? 0 : 1, metric ?? last, arrival];
}

function compare(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at < 0 ? 0 : one[at]! - other[at]!;
}

const within = (one: Contribution, other: Contribution) =>
  kinds.indexOf(one.kind) - kinds.indexOf(other.kind) || one.since - other.since;

/** Each value, or of options each name, where it comes first. */
function once(
  contributions: readonly Contribution[],
  what: keyof Settings,
  keyOf: (value: string) => string = value => value,
): Sourced[] {
  const found = new Map<string, Sourced>();
  for (const of of contributions) {
    for (const value of of[what]) if (!found.has(keyOf(value))) found.set(keyOf(value), { value, of });
  }
  return [...found.values()];
}

/** Of an alias, eth0:1. */
function linkOf(on: string): string {
  return on.replace(/:.*$/, '');
}

/** `interfaces inet`, `vpn office`; of routers, of which each value is one, only that. */
export function sourceOf({ kind, name }: Contribution): string {
  return kind === 'router' ? 'router' : `${kind} ${name}`;
}
