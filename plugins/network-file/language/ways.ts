import { type Address, addressText, networkOf, type Prefix, prefixText, widths } from './addresses.ts';
import { comesAndGoes, type Interface } from './model.ts';

/** Which interface leads where. */
export class Ways {
  readonly #interfaces: readonly Interface[];
  readonly #names = new Map<string, Interface>();
  readonly #owners = new Map<string, Interface>();
  readonly #prefixes = new Map<string, Interface>();
  readonly #lengths: Readonly<Record<4 | 6, Set<number>>> = { 4: new Set(), 6: new Set() };

  constructor(interfaces: readonly Interface[]) {
    this.#interfaces = interfaces;
    for (const one of interfaces) {
      this.#names.set(one.name, one);
      for (const { address, length, peer } of one.addresses) {
        this.#owners.set(addressText(address), one);
        this.#add(networkOf(address, length), one);
        if (peer !== undefined) this.#add(networkOf(peer, widths[peer.family]), one);
      }
    }
  }

  named(name: string): Interface | undefined {
    return this.#names.get(name);
  }

  names(): Iterable<string> {
    return this.#names.keys();
  }

  owner(address: Address): Interface | undefined {
    return this.#owners.get(addressText(address));
  }

  /** By the narrowest network; else the one link that has none but addresses of a server's, if there is only one. */
  to(address: Address): Interface | undefined {
    for (const length of [...this.#lengths[address.family]].toSorted((a, b) => b - a)) {
      const found = this.#prefixes.get(prefixText(networkOf(address, length)));
      if (found !== undefined) return found;
    }
    const open = this.#interfaces.filter(({ inet, inet6 }) =>
      address.family === 4 ? inet === 'dhcp' : inet6 === 'auto' || inet6 === 'dhcp',
    );
    const known = new Set(
      this.#interfaces
        .filter(({ addresses }) => addresses.some(each => each.address.family === address.family))
        .map(({ link }) => link),
    );
    const only = open.filter(({ link }) => !known.has(link));
    return only.length === 1 ? only[0] : undefined;
  }

  /** Other ends of point-to-point links: what a gateway that fits nowhere may have been meant to be. */
  peers(): string[] {
    return this.#interfaces
      .flatMap(({ addresses }) =>
        addresses.flatMap(({ peer }) => (peer === undefined ? [] : [addressText(peer)])),
      )
      .slice(0, 1000);
  }

  #add(prefix: Prefix, one: Interface): void {
    this.#lengths[prefix.family].add(prefix.length);
    const key = prefixText(prefix);
    const before = this.#prefixes.get(key);
    // Of two in one network that which is there counts.
    if (
      before === undefined ||
      (before.enabled === false && one.enabled !== false) ||
      (comesAndGoes(before) && !comesAndGoes(one))
    )
      this.#prefixes.set(key, one);
  }
}
