import type { Family, Prefix } from '../rules/prefix.ts';
import type { Network } from '../rules/resolved.ts';
import type { Prefixes } from './literal.ts';
import { slug } from './names.ts';

/** A set of the table: the prefixes of a network, of one family. */
export interface SetOf {
  name: string;
  network: Network;
  family: Family;
}

/** The memory of one compilation, and the sets that its rules ask for: a network has one for each family where its prefixes are several, or change. */
export class Sets {
  readonly #used = new Map<string, SetOf>();
  readonly #names = new Map<Network, string>();

  readonly #remembered = new WeakMap<object, Map<string, unknown>>();

  constructor(networks: readonly Network[]) {
    networks.forEach((network, at) => {
      this.#names.set(network, `net${at}${slug(network.name)}`);
    });
  }

  /** Those that somebody asked for, in the order in which they were asked for. */
  get used(): SetOf[] {
    return [...this.#used.values()];
  }

  /** What has been worked out once about a rule or network. */
  remember<T>(about: object, what: string, make: () => T): T {
    const known = this.#remembered.get(about) ?? new Map<string, unknown>();
    this.#remembered.set(about, known);
    if (!known.has(what)) known.set(what, make());
    return known.get(what) as T;
  }

  of(network: Network, family: Family): Prefixes {
    const prefixes = network.prefixes.filter(prefix => prefix.family === family);
    const isPlain = prefixes.length <= 1 || prefixes.some(({ length }) => length === 0);
    if (!network.dynamic && isPlain) return { prefixes };
    const set = `${this.#names.get(network)}_v${family}`;
    this.#used.set(set, { name: set, network, family });
    return { set, prefixes };
  }
}

/** What stands in a set: what is declared, and the prefixes of the addresses that the links have. */
export function elementsOf(
  { network, family }: SetOf,
  addresses: (link: string) => readonly Prefix[],
): Prefix[] {
  const dynamic = network.dynamic ? network.links.flatMap(link => [...addresses(link)]) : [];
  return [...network.prefixes, ...dynamic].filter(prefix => prefix.family === family);
}
