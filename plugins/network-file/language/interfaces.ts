import {
  type Address,
  addressText,
  classLength,
  type Prefix,
  parseLength,
  sameAddress,
  widths,
} from './addresses.ts';
import { type Common, readCommon } from './common.ts';
import { checkAddress } from './consistency.ts';
import type { Interface, InterfaceAddress } from './model.ts';
import type { Options } from './options.ts';
import { spot } from './source.ts';
import { type Option, plainText, type Value } from './syntax.ts';
import { isInterfaceName, readAddress, readLengthened } from './values.ts';

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

/** Of a link alone: a label has none of these. */
const ofLinks = ['mtu', 'arp', 'allmulti', 'hwaddress', 'bandwidth', 'tunneldest', 'provider'];

/** One interface of a network, with the network's defaults; undefined where it has no name to go by. */
export function readInterface(
  options: Options,
  network: string,
  defaults: Defaults,
  isPort: boolean,
): Interface | undefined {
  options.refuseNot();
  const name = nameOf(options);
  if (name === undefined) return undefined;
  const link = name.replace(/:.*/, '');
  const own = readCommon(options);
  if (link !== name) {
    for (const each of ofLinks) {
      const option = options.get(each);
      if (option !== undefined)
        options.problems.error(option, `${each} is of the link ${link}, not of its label ${name}`);
    }
  }
  const reader = new AddressReader(options, defaults, own);
  const addresses = reader.addresses();
  const { inet, inet6 } = reader;
  const tunnel = options.value('tunneldest', 'an IPv4 address', readAddress(4));
  if (tunnel !== undefined && !addresses.some(({ address }) => address.family === 6))
    options.problems.error(
      options.get('tunneldest')!,
      'tunneldest belongs to an IPv6 address, and there is none',
    );
  const nothing = addresses.length === 0 && inet === undefined && inet6 === undefined;
  if (
    nothing &&
    !isPort &&
    !options.block.flawed &&
    !options.block.items.some(({ keyword }) => keyword.startsWith('address'))
  )
    options.problems.error(
      options.block,
      `the interface ${name} has no address`,
      'addressv4 or addressv6 gives it one; addressv4 none is a link without',
    );
  const settings = link === name ? { ...defaults.settings, ...own.settings } : {};
  checkMtu(options, settings.mtu, addresses, inet6);
  const provider = options.value('provider', 'a name', text => text || undefined);
  const enabled = defaults.enabled === false ? false : (own.enabled ?? defaults.enabled ?? true);
  return {
    name,
    link,
    network,
    place: spot(options.block),
    enabled,
    addresses,
    ...(inet !== undefined && { inet }),
    ...(inet6 !== undefined && { inet6 }),
    settings,
    ...(provider !== undefined && { provider }),
    ...(tunnel !== undefined && { tunnel }),
    defaultRoute: own.defaultRoute ?? defaults.defaultRoute ?? false,
    options: (['option', 'optionv4', 'optionv6'] as const).flatMap(each =>
      options.all(each).flatMap(one => pairOf(one, options)),
    ),
  };
}

/** The addresses of one interface, and the methods that find others. */
class AddressReader {
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

function pairOf(
  { keyword, values: [name, value] }: Option,
  { problems }: Options,
): Interface['options'][number][] {
  if (name === undefined || value === undefined) return [];
  const text = plainText(name);
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(text)) {
    problems.error(name, 'no name of an option of interfaces(5)');
    return [];
  }
  const family = keyword === 'optionv4' ? 'inet' : keyword === 'optionv6' ? 'inet6' : undefined;
  const pair = { name: text, value: plainText(value) };
  return [family === undefined ? pair : { family, ...pair }];
}

function nameOf({ block, problems }: Options): string | undefined {
  if (block.name === undefined) return undefined;
  const name = plainText(block.name);
  if (isInterfaceName(name)) return name;
  problems.error(block.name, 'no name of an interface', 'up to 15 characters without blanks and slashes');
  return undefined;
}

function checkMtu(
  options: Options,
  mtu: number | undefined,
  addresses: readonly InterfaceAddress[],
  inet6: string | undefined,
): void {
  if (mtu === undefined || mtu >= 1280) return;
  if (inet6 === undefined && !addresses.some(({ address }) => widths[address.family] === 128)) return;
  const option = options.get('mtu');
  if (option !== undefined) options.problems.error(option, `mtu ${mtu}: IPv6 needs 1280 at least (RFC 8200)`);
}
