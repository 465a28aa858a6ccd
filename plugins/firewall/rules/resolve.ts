import type { FirewallEnd, FirewallNetwork, FirewallPart, FirewallRule } from 'netconf/plugin';
import { checkRule } from './check.ts';
import { conflictsOf } from './conflicts.ts';
import { type Prefix, parsePrefix, withoutOverlaps } from './prefix.ts';
import type { Problem } from './problem.ts';
import { protocolNumbers } from './protocol.ts';
import { type End, hasPrefixes, type Network, type Rule, type RuleSet } from './resolved.ts';

/**
 * Looks names up and takes rules apart: each source with each destination is a rule, and `bidirectional` makes two of
 * one. All that is wrong is gathered; a rule set with problems is not to be used.
 */
export function resolve(parts: readonly FirewallPart[]): { set: RuleSet; problems: Problem[] } {
  const problems: Problem[] = [];
  const scopes = parts.map(part => ({ part, own: networksOf(part, problems) }));
  const everywhere = new Map<string, Network>();
  for (const { own } of scopes)
    for (const [name, network] of own) if (!everywhere.has(name)) everywhere.set(name, network);
  const rules = scopes.flatMap(({ part, own }, at) =>
    part.rules.flatMap(said => {
      const find = (name: string) => own.get(name) ?? everywhere.get(name);
      return new Resolver(part.plugin, at, said, find, problems).rules();
    }),
  );
  problems.push(...conflictsOf(rules));
  const networks = scopes.flatMap(({ own }) => [...own.values()]);
  const spoofProtection = parts.some(
    part => part.spoofProtection !== false && part.networks.length + part.rules.length > 0,
  );
  return { set: { networks, rules, spoofProtection }, problems };
}

function networksOf({ plugin, networks }: FirewallPart, problems: Problem[]): Map<string, Network> {
  const found = new Map<string, Network>();
  for (const network of networks) {
    const place = network.place ?? `plugin ${plugin}`;
    const tell = (message: string) =>
      problems.push({ place, message: `network ${shown(network.name)}: ${message}` });
    if (found.has(network.name)) tell('it is there twice');
    found.set(network.name, networkOf(network, tell));
  }
  return found;
}

function networkOf(network: FirewallNetwork, tell: (message: string) => void): Network {
  const { name, dynamic } = network;
  const links = [...new Set(network.links.map(link => link.replace(/:.*$/, '')))];
  for (const link of links.filter(each => !isLinkName(each))) tell(`${shown(link)} is no name of a link`);
  const prefixes = prefixesOf(network.prefixes, text => tell(`${shown(text)} is no prefix`));
  if (dynamic && links.length === 0) tell('only links have addresses that come and go: it has none');
  if (links.length === 0 && prefixes.length === 0) tell('it has neither links nor prefixes');
  return { name, links, prefixes: withoutOverlaps(prefixes), dynamic };
}

/** As dev_valid_name() of the kernel, and short enough for it. */
function isLinkName(name: string): boolean {
  return /^(?!\.{1,2}$)[^/\s:\x00-\x1f\x7f]+$/u.test(name) && Buffer.byteLength(name) <= 15;
}

function prefixesOf(texts: readonly string[], bad: (text: string) => void): Prefix[] {
  return texts.flatMap(text => {
    const prefix = parsePrefix(text);
    if (prefix === undefined) bad(text);
    return prefix ?? [];
  });
}

/** A name or value as messages show it. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

class Resolver {
  readonly #plugin: string;
  readonly #part: number;
  readonly #said: FirewallRule;
  readonly #find: (name: string) => Network | undefined;
  readonly #problems: Problem[];

  constructor(
    plugin: string,
    part: number,
    said: FirewallRule,
    find: (name: string) => Network | undefined,
    problems: Problem[],
  ) {
    this.#plugin = plugin;
    this.#part = part;
    this.#said = said;
    this.#find = find;
    this.#problems = problems;
  }

  rules(): Rule[] {
    const said = this.#said;
    for (const message of checkRule(said)) this.#tell(message);
    const protocol = this.#protocol();
    const from = said.from.map(end => this.#end(end));
    const to = said.to.map(end => this.#end(end));
    const pairs = pairsOf(from, to);
    const both = said.bidirectional ? [...pairs, ...pairs.map(([a, b]) => [b, a] as const)] : pairs;
    const isBlind = ([, to]: (typeof both)[number]) => to?.network !== undefined && !hasPrefixes(to.network);
    // Once the destination is another one, nobody knows by which link the first would have been reached.
    if (said.action.kind === 'redirect' && both.some(isBlind))
      this.#tell('redirect: what was asked for is a network of links alone: it needs prefixes');
    return both.map(([source, destination], nth) => ({
      ...(source && { from: source }),
      ...(destination && { to: destination }),
      action: said.action,
      ...(protocol && { protocol }),
      said,
      plugin: this.#plugin,
      part: this.#part,
      nth,
    }));
  }

  #tell(message: string): void {
    this.#problems.push({ place: this.#said.place ?? `plugin ${this.#plugin}`, message });
  }

  #protocol(): Rule['protocol'] {
    const { protocol } = this.#said;
    if (protocol === undefined) return undefined;
    const numbers = protocolNumbers(protocol.value);
    if (numbers === undefined) this.#tell(`${shown(protocol.value)} is no protocol`);
    return { numbers: numbers ?? [], not: protocol.not === true };
  }

  #end({ not, network: name, addresses, ports }: FirewallEnd): End {
    const network = name === undefined ? undefined : this.#find(name);
    if (name !== undefined && network === undefined) this.#tell(`there is no network ${shown(name)}`);
    const hosts = addresses && prefixesOf(addresses, text => this.#tell(`${shown(text)} is no address`));
    for (const [first, last] of ports ?? [])
      if (!(isPort(first) && isPort(last) && first <= last))
        this.#tell(`${first} to ${last} are no ports: from 0 to 65535, the lower first`);
    return {
      not: not === true,
      ...(network && { network }),
      ...(hosts && { addresses: withoutOverlaps(hosts) }),
      ...(ports && { ports: withoutGaps(ports) }),
    };
  }
}

function isPort(number: number): boolean {
  return Number.isInteger(number) && number >= 0 && number <= 65_535;
}

/** In order, without overlaps: the kernel takes no others. */
function withoutGaps(ports: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const merged: [number, number][] = [];
  for (const [first, last] of [...ports].sort((a, b) => a[0] - b[0])) {
    const before = merged.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

function pairsOf(from: End[], to: End[]): (readonly [End | undefined, End | undefined])[] {
  const sources: (End | undefined)[] = from.length === 0 ? [undefined] : from;
  const destinations: (End | undefined)[] = to.length === 0 ? [undefined] : to;
  return sources.flatMap(source => destinations.map(destination => [source, destination] as const));
}
