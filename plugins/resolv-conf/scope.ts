import type { Part } from './merge.ts';

/**
 * Whether an interface's servers are asked for every name, or only for names of its search domains. A VPN that leads
 * everywhere is asked for everything, and nobody else is; one that leads to a part of the network knows the names of that
 * part. `parts` are all that there are: somebody has to know the rest.
 */
export function isForAll(part: Part, parts: readonly Part[]): boolean {
  const able = parts.filter(({ contributions }) => contributions.some(({ servers }) => servers.length > 0));
  const vpns = able.filter(one => isVpn(one) && one.metric !== undefined);
  const whole = able.filter(one => !isVpn(one) || allOf(one, 'search').length === 0);
  return [vpns, whole, able].find(some => some.length > 0)?.includes(part) === true;
}

const isVpn = ({ contributions }: Part) => contributions.some(({ kind }) => kind === 'vpn');

/** More of one kind is nothing that anybody needs, or that a command line holds. */
export const mostValues = 64;

/** Values of all sources of an interface, each once. */
export function allOf(
  { contributions }: Part,
  what: 'servers' | 'search' | 'options' | 'sortlist',
): string[] {
  return [...new Set(contributions.flatMap(one => one[what]))].slice(0, mostValues);
}
