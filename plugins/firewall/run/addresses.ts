import type { Netconf } from 'netconf/plugin';
import { type Prefix, parsePrefix } from '../rules/prefix.ts';

const pokes = [
  'address.added',
  'address.changed',
  'address.removed',
  'link.removed',
  'link.renamed',
] as const;

/** So many links are asked for at once: what a method prints is kept up to 64 KiB. */
const atOnce = 50;

/**
 * The prefixes of the addresses that links have. Events only say of which links that is to be looked at again: links that
 * flap are looked at once for all that has happened meanwhile.
 */
export class Addresses {
  readonly #lines: (links: readonly string[]) => Promise<string[]>;
  readonly #known = new Map<string, Prefix[]>();
  readonly #stale = new Set<string>();
  readonly #undo: (() => void)[];

  /**
   * @param lines of `ip -o address show`
   * @param changed called when something has happened to a link that is known
   */
  constructor(
    netconf: Pick<Netconf, 'on'>,
    lines: (links: readonly string[]) => Promise<string[]>,
    changed: () => void,
  ) {
    this.#lines = lines;
    this.#undo = pokes.map(name =>
      netconf.on(name, event => {
        const names = [
          event.interface,
          'old' in event.data && 'ifname' in event.data.old ? event.data.old.ifname : undefined,
        ];
        const known = names.filter(link => link !== undefined && this.#known.has(link)) as string[];
        for (const link of known) this.#stale.add(link);
        if (known.length > 0) changed();
      }),
    );
  }

  of(link: string): readonly Prefix[] {
    return this.#known.get(link) ?? [];
  }

  /** Looks at those links that are not known as they are; others are forgotten. */
  async refresh(links: readonly string[]): Promise<void> {
    const wanted = new Set(links);
    for (const link of this.#known.keys()) if (!wanted.has(link)) this.#known.delete(link);
    const asked = [...wanted].filter(link => !this.#known.has(link) || this.#stale.has(link));
    for (let at = 0; at < asked.length; at += atOnce) {
      const some = asked.slice(at, at + atOnce);
      for (const link of some) {
        this.#stale.delete(link);
        if (!this.#known.has(link)) this.#known.set(link, []);
      }
      const found = addressesOf(await this.#lines(some));
      for (const link of some) this.#known.set(link, found.get(link) ?? []);
    }
  }

  stop(): void {
    for (const undo of this.#undo) undo();
  }
}

/** Link to prefixes, from lines such as `2: eth0    inet 10.0.0.4/24 brd 10.0.0.255 scope global eth0`. */
export function addressesOf(lines: readonly string[]): Map<string, Prefix[]> {
  const found = new Map<string, Prefix[]>();
  for (const line of lines) {
    const [, link, address = '', peer] =
      /^\d+:\s+(\S+)\s+inet6?\s+([0-9a-f.:/]+)(?:\s+peer\s+([0-9a-f.:/]+))?/.exec(line) ?? [];
    // Those of the link alone are on every link: they belong to none.
    if (link === undefined || /\sscope link\s/.test(line)) continue;
    // Of a point-to-point link: the other end, and this one.
    const prefixes = peer === undefined ? [address] : [peer, address.replace(/\/.*$/, '')];
    const of = found.get(link) ?? [];
    found.set(link, of);
    of.push(...prefixes.flatMap(text => parsePrefix(text) ?? []));
  }
  return found;
}
