import { widths } from './addresses.ts';
import { readCommon } from './common.ts';
import { AddressReader, type Defaults } from './interface-addresses.ts';
import type { Interface, InterfaceAddress } from './model.ts';
import type { Options } from './options.ts';
import { spot } from './source.ts';
import { type Option, plainText } from './syntax.ts';
import { isInterfaceName, readAddress } from './values.ts';

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
    defaultRoute: own.defaultRoute ?? defaults.defaultRoute,
    options: (['option', 'optionv4', 'optionv6'] as const).flatMap(each =>
      options.all(each).flatMap(one => pairOf(one, options)),
    ),
  };
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
