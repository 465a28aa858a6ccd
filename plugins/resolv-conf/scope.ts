import type { Part } from './merge.ts';

/**
 * Whether an interface's servers are asked for every name, or only for names of its search domains: a VPN that leads to
 * a part of the network knows the names of that part. `parts` are all that there are: somebody has to know the rest.
 */
export function isForAll(part: Part, parts: readonly Part[]): boolean {
  const all = parts.filter(one => answers(one) && !isPartial(one));
  return answers(part) && (all.length === 0 || all.includes(part));
}

const answers = ({ contributions }: Part) => contributions.some(({ servers }) => servers.length > 0);

/** A VPN without a route to everywhere, of which it is known what it is for. */
function isPartial({ metric, contributions }: Part): boolean {
  const isVpn = contributions.some(({ kind }) => kind === 'vpn');
  return isVpn && metric === undefined && contributions.some(({ search }) => search.length > 0);
}

/** Values of all sources of an interface, each once. */
export function allOf(
  { contributions }: Part,
  what: 'servers' | 'search' | 'options' | 'sortlist',
): string[] {
  return [...new Set(contributions.flatMap(one => one[what]))];
}
