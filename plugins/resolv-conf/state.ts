import type { DnsPart, DnsState } from './events.ts';
import { type Merged, sourceOf } from './merge.ts';

/** Characters of JSON: an event of a plugin may have some more. */
const longest = 60_000;
const most = 64;

/** What is in force, as `dns.changed` tells it. */
export function stateOf(merged: Merged, by: string): DnsState {
  const valuesOf = (what: 'servers' | 'search' | 'options') =>
    merged[what].slice(0, most).map(({ value }) => value);
  const state: DnsState = {
    servers: valuesOf('servers'),
    search: valuesOf('search'),
    options: valuesOf('options'),
    by,
    from: [],
  };
  let length = JSON.stringify(state).length;
  for (const part of partsOf(merged)) {
    length += JSON.stringify(part).length + 1;
    if (length > longest) break;
    state.from.push(part);
  }
  return state;
}

/** One for each interface and source that says a server or a domain. */
function partsOf({ parts }: Merged): DnsPart[] {
  const found = new Map<string, DnsPart>();
  for (const one of parts.flatMap(part => part.contributions)) {
    const source = sourceOf(one);
    const key = `${one.interface} ${source}`;
    const part = found.get(key) ?? { interface: one.interface, source, servers: [], search: [] };
    part.servers.push(...one.servers);
    part.search.push(...one.search);
    found.set(key, part);
  }
  return [...found.values()];
}
