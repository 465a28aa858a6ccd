import {
  type Address,
  addressText,
  classLength,
  type Prefix,
  parseLength,
  sameAddress,
} from './addresses.ts';
import type { Common } from './common.ts';
import { checkAddress } from './consistency.ts';
import type { InterfaceAddress } from './model.ts';
import type { Options } from './options.ts';
import { spot } from './source.ts';
import { type Option, plainText, type Value } from './syntax.ts';
import { readAddress, readLengthened } from './values.ts';

/** What the network around says for its interfaces. */
export interface Defaults extends Common {
  mask4: number | undefined;
  mask6: number | undefined;
  network4: Prefix | undefined;
  network6: Prefix | undefined;
}

/** Words in the place of an address, and the method of interfaces(5) that they stand for. */
const words = {
  4: { dhcp: 'dhcp', bootp: 'bootp', dynamical: 'dynamical', none: 'manual', linklocal: 'ipv4ll' },
  6: { auto: 'auto', dhcp: 'dhcp', dynamical: 'dynamical', none: 'manual' },
} as const;

/** The addresses of one interface, and the methods that find others. */
export class AddressReader {
  inet: string | undefined;
  inet6: string | undefined;
  readonly #options: Options;
  readonly #defaults: Defaults;
  readonly #own: Common;
  readonly #mask4: number | undefined;
  readonly #mask6: number | undefined;

  constructor(options: Options, defaults: Defaults, own: Common) {
    this.#options = options;
    this.#defaults = defaults;
    this.#own = own;
    this.#mask4 =
      options.value('netmaskv4', 'a mask such as 255.255.255.0, or a prefix length', text =>
        parseLength(text, 4),
      ) ?? defaults.mask4;
    this.#mask6 =
      options.value('netmaskv6', 'a prefix length', text => parseLength(text, 6)) ?? defaults.mask6;
    this.inet = options.value('methodv4', 'a method of interfaces(5)', readWord);
    this.inet6 = options.value('methodv6', 'a method of interfaces(5)', readWord);
  }

  addresses(): InterfaceAddress[] {
    const options = this.#options;
    const found: InterfaceAddress[] = [];
    for (const keyword of ['addressv4', 'addressv6', 'address'] as const) {
      const family = keyword === 'addressv4' ? 4 : keyword === 'addressv6' ? 6 : undefined;
      for (const option of options.all(keyword)) {
        const text = option.values[0] === undefined ? '' : plainText(option.values[0]).toLowerCase();
        if (family !== undefined && Object.hasOwn(words[family], text)) {
          this.#method(option, family, words[family][text as 'dhcp']);
          continue;
        }
        const read = options.read(option, expectedOf(family), value => readLengthened(value, family));
        if (read !== undefined) found.push(this.#address(option, read));
      }
    }
    this.#peers(found);
    const { broadcast } = { ...this.#defaults, ...this.#own };
    for (const each of found)
      checkAddress(each, { ...this.#defaults, broadcastPlace: broadcast?.place }, options.problems);
    return found;
  }

  #method(option: Option, family: 4 | 6, method: string): void {
    const { problems } = this.#options;
    const key = family === 4 ? 'inet' : 'inet6';
    const before = this[key];
    if (before !== undefined && before !== method)
      problems.error(option, `a second way to IPv${family} addresses: ${method}, after ${before}`);
    this[key] = method;
  }

  #address(option: Option, { address, length }: { address: Address; length?: number }): InterfaceAddress {
    const [place] = option.values as [Value];
    const { broadcast } = { ...this.#defaults, ...this.#own };
    return {
      address,
      length: length ?? this.#length(address, place),
      place: spot(place),
      ...(address.family === 4 && broadcast !== undefined && { broadcast: broadcast.address }),
    };
  }

  #length(address: Address, place: Value): number {
    const { problems } = this.#options;
    const options = this.#options;
    if (address.family === 6) return this.#mask6 ?? 64;
    if (this.#mask4 !== undefined) return this.#mask4;
    if (this.#hasPeer('ptpaddressv4')) return 32;
    const length = classLength(address);
    if (options.get('netmaskv4') === undefined)
      problems.warn(
        place,
        `no netmask: ${addressText(address)} is taken to be of a network of ${length} bits`,
        `write ${addressText(address)}/24, or netmaskv4`,
      );
    return length;
  }

  #hasPeer(keyword: string): boolean {
    return this.#options.get(keyword) !== undefined || this.#options.get('ptpaddress') !== undefined;
  }

  /** The other ends of the first address of each family. */
  #peers(found: InterfaceAddress[]): void {
    const options = this.#options;
    for (const keyword of ['ptpaddressv4', 'ptpaddressv6', 'ptpaddress'] as const) {
      const family = keyword === 'ptpaddressv4' ? 4 : keyword === 'ptpaddressv6' ? 6 : undefined;
      const option = options.get(keyword);
      const peer = options.value(keyword, 'an address or dynamical', text =>
        text.toLowerCase() === 'dynamical' ? 'dynamical' : readAddress(family)(text),
      );
      if (option === undefined || peer === undefined) continue;
      const isDynamic = family === 6 ? this.inet6 === 'dynamical' : this.inet === 'dynamical';
      if (peer === 'dynamical') {
        if (!isDynamic)
          options.problems.error(
            option,
            `${keyword} dynamical, but the address is not`,
            'addressv4 dynamical: both are told by the other end',
          );
        continue;
      }
      const first = found.find(({ address }) => address.family === peer.family);
      if (first === undefined) {
        if (!isDynamic) options.problems.error(option, `${keyword} without an address of this end`);
      } else if (sameAddress(first.address, peer)) {
        options.problems.error(option.values[0]!, 'the other end has the same address as this one');
      } else {
        first.peer = peer;
        delete first.broadcast;
      }
    }
  }
}

function expectedOf(family: 4 | 6 | undefined): string {
  if (family === undefined) return 'an address, perhaps with a prefix length';
  const others = Object.keys(words[family]).join(', ');
  return `an IPv${family} address, perhaps with a prefix length, or one of ${others}`;
}

function readWord(text: string): string | undefined {
  return /^[a-z0-9][a-z0-9-]{0,31}$/.test(text) ? text : undefined;
}
