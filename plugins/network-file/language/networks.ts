import { nearest } from '../../../core/base/text/near.ts';
import {
  networkOf as addressNetwork,
  addressText,
  type Prefix,
  parseLength,
  prefixText,
  sameAddress,
  widths,
} from './addresses.ts';
import { readCommon } from './common.ts';
import { checkNetworks } from './consistency.ts';
import type { Defaults } from './interface-addresses.ts';
import { readInterface } from './interfaces.ts';
import type { Interface, Network } from './model.ts';
import { Options } from './options.ts';
import type { Problems } from './problem.ts';
import { placeText, spot } from './source.ts';
import type { Block, Option, Value } from './syntax.ts';
import { readLengthened } from './values.ts';

/** More networks, or interfaces, than any file has. */
const most = 10_000;

/** Networks by name, in their order, with their interfaces; what contradicts itself is told. */
export function readNetworks(
  all: readonly Block[],
  bridged: ReadonlySet<string>,
  problems: Problems,
): Map<string, Network> {
  const networks = new Map<string, Network>();
  const interfaces = new Map<string, Interface>();
  for (const block of all) {
    if (networks.size >= most) {
      problems.error(block, `more than ${most} networks: the rest is not read`);
      break;
    }
    const name = nameOf(block, problems);
    if (name === undefined) continue;
    const before = networks.get(name);
    if (before !== undefined) {
      problems.error(block.name!, `there is a network "${name}" already`, `at ${placeText(before.place)}`);
      continue;
    }
    networks.set(name, readNetwork(block, name, { interfaces, bridged, problems }));
  }
  checkNetworks([...networks.values()], problems);
  return networks;
}

interface Context {
  /** All so far, by name. */
  interfaces: Map<string, Interface>;
  /** Networks that are ports of a bridge need no addresses. */
  bridged: ReadonlySet<string>;
  problems: Problems;
}

function readNetwork(block: Block, name: string, { interfaces, bridged, problems }: Context): Network {
  const options = new Options(block, problems);
  options.refuseNot();
  const defaults = defaultsOf(options);
  const own: Interface[] = [];
  for (const inner of block.items) {
    if (inner.kind !== 'block') continue;
    const found = readInterface(new Options(inner, problems), name, defaults, bridged.has(name));
    if (found === undefined) continue;
    const before = interfaces.get(found.name);
    if (before === undefined) {
      interfaces.set(found.name, found);
      own.push(found);
    } else {
      const hint = `it is of network "${before.network}" at ${placeText(before.place)}; ${found.link}:1 is a second address`;
      problems.error(inner.name!, `there is an interface ${found.name} already`, hint);
    }
    if (interfaces.size > most) {
      problems.error(inner, `more than ${most} interfaces: the rest is not read`);
      break;
    }
  }
  const declared = [defaults.network4, defaults.network6].flatMap(each => (each === undefined ? [] : [each]));
  const isWritten = block.items.some(item => item.kind === 'block');
  if (!isWritten && !block.flawed && declared.length === 0 && !problems.isFull) {
    const [given] = ['networkv4', 'networkv6', 'network'].filter(each => options.get(each) !== undefined);
    if (given === undefined)
      problems.error(
        options.block,
        `the network "${name}" has neither an interface nor a network address`,
        'networkv4 and netmaskv4 name it',
      );
  }
  return {
    name,
    place: spot(block.name ?? block),
    interfaces: own,
    prefixes: prefixesOf(declared, own),
    named: declared.map(({ family }) => family),
  };
}

/** What the file says of the network itself, and else its interfaces' addresses; of each family one is enough. */
function prefixesOf(declared: readonly Prefix[], own: readonly Interface[]): Prefix[] {
  const found = new Map(declared.map(prefix => [prefixText(prefix), prefix]));
  for (const { addresses } of own) {
    for (const { address, length, peer } of addresses) {
      if (declared.some(({ family }) => family === address.family)) continue;
      const prefix = addressNetwork(address, length);
      found.set(prefixText(prefix), prefix);
      if (peer !== undefined && length === widths[address.family]) {
        const other = { ...peer, length };
        found.set(prefixText(other), other);
      }
    }
  }
  return [...found.values()];
}

function defaultsOf(options: Options): Defaults {
  const mask4 = options.value('netmaskv4', 'a mask such as 255.255.255.0, or a prefix length', text =>
    parseLength(text, 4),
  );
  const mask6 = options.value('netmaskv6', 'a prefix length', text => parseLength(text, 6));
  const network4 = networkOf(options, 4, mask4);
  const network6 = networkOf(options, 6, mask6);
  return {
    ...readCommon(options),
    mask4: mask4 ?? network4?.length,
    mask6: mask6 ?? network6?.length,
    network4,
    network6,
  };
}

/** `networkv4 10.0.0.0` with `netmaskv4`, or `network 10.0.0.0/24`. */
function networkOf(options: Options, family: 4 | 6, mask: number | undefined): Prefix | undefined {
  const { problems } = options;
  const modern = options.all('network').filter(option => familyOf(option) === family);
  const [option, second] = [
    ...(options.get(`networkv${family}`) === undefined ? [] : [options.get(`networkv${family}`)!]),
    ...modern,
  ];
  if (option === undefined) return undefined;
  if (second !== undefined)
    problems.error(second, `a second network of IPv${family}`, 'a network has one of each family');
  const read = options.read(option, `an IPv${family} address, perhaps with a prefix length`, value =>
    readLengthened(value, family),
  );
  if (read === undefined) return undefined;
  const [place] = option.values as [Value];
  const length = read.length ?? mask;
  if (length === undefined) {
    if (options.get(`netmaskv${family}`) === undefined)
      problems.error(place, `${option.keyword} without a netmask`, `netmaskv${family} says how long it is`);
    return undefined;
  }
  if (read.length !== undefined && mask !== undefined && read.length !== mask)
    problems.error(
      place,
      `the prefix length ${read.length} is not that of netmaskv${family}, which is ${mask}`,
    );
  const prefix = addressNetwork(read.address, length);
  if (!sameAddress(prefix, read.address))
    problems.error(
      place,
      `${option.keyword} ${addressText(read.address)} has bits of a host: with the prefix length ${length} the network is ${prefixText(prefix)}`,
    );
  return prefix;
}

/** Of `network`, whose value may be either; what is neither is told where IPv4 is read. */
function familyOf({ values: [value] }: Option): 4 | 6 {
  return value?.text.includes(':') ? 6 : 4;
}

/** A name that rules and routes can use: it stands in quotes, so it may be long, but it is one word. */
function nameOf({ name, flawed }: Block, problems: Problems): string | undefined {
  if (name === undefined) return undefined;
  const { text } = name;
  if (name.more.length > 0 || !/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/.test(text)) {
    if (!flawed)
      problems.error(name, 'no name of a network', 'up to 64 letters, digits, and . _ - in between');
    return undefined;
  }
  return text;
}

/** The network of this name; told, with what was meant, where there is none. */
export function lookUp(
  name: string,
  place: Parameters<Problems['error']>[0],
  networks: ReadonlyMap<string, Network>,
  problems: Problems,
): Network | undefined {
  const found = networks.get(name);
  if (found === undefined) {
    // To look through thousands for each of thousands of slips would take long.
    const near = networks.size <= 1000 ? nearest(name, networks.keys()) : undefined;
    problems.error(
      place,
      `there is no network "${name}"`,
      near === undefined ? undefined : `did you mean "${near}"?`,
    );
  }
  return found;
}
