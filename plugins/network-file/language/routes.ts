import { nearest } from '../../../core/base/text/near.ts';
import {
  type Address,
  addressText,
  networkOf,
  type Prefix,
  prefixText,
  sameAddress,
  widths,
} from './addresses.ts';
import type { Interface, Network, Route } from './model.ts';
import { lookUp } from './networks.ts';
import { Options } from './options.ts';
import type { Problems } from './problem.ts';
import { type Place, placeText, spot } from './source.ts';
import { type Block, plainText } from './syntax.ts';
import { readAddress, readBoolean, readLengthened, readNumber } from './values.ts';
import { Ways } from './ways.ts';

/** Where a route leads: each family of a named network has its own. */
type Destinations = 'default' | readonly Prefix[];

/** The routes of all `route` blocks, each with the interface that leads to its gateway. */
export function readRoutes(
  all: readonly Block[],
  networks: ReadonlyMap<string, Network>,
  problems: Problems,
): Route[] {
  const interfaces = [...networks.values()].flatMap(network => network.interfaces);
  const ways = new Ways(interfaces);
  const routes: Route[] = [];
  const places = new Map<string, Place>();
  for (const block of all) {
    const options = new Options(block, problems);
    options.refuseNot();
    for (const route of readRoute(options, networks, ways)) {
      const { destination, metric = 0, table = 254, place } = route;
      const key = `${prefixText(destination)} ${metric} ${table}`;
      const before = places.get(key);
      if (before === undefined) places.set(key, place);
      else
        problems.error(
          place,
          `another route to ${destinationText(destination)} has the metric ${metric}`,
          `at ${placeText(before)}; the lowest metric counts, so give each its own`,
        );
      routes.push(route);
    }
  }
  return routes;
}

function readRoute(options: Options, networks: ReadonlyMap<string, Network>, ways: Ways): Route[] {
  const { problems, block } = options;
  const destinations = destinationsOf(options, networks);
  const gateways = (['gatewayv4', 'gatewayv6', 'gateway'] as const).flatMap(keyword => {
    const family = keyword === 'gatewayv4' ? 4 : keyword === 'gatewayv6' ? 6 : undefined;
    const address = options.value(keyword, `an IPv${family ?? '4 or IPv6'} address`, readAddress(family));
    return address === undefined ? [] : [{ address, place: spot(options.get(keyword)!.values[0]!) }];
  });
  const metric = options.value('metric', 'a number from 0 to 4294967295', readNumber(0, 4_294_967_295));
  const table = options.value('table', 'a number from 1 to 4294967295, but not 255', readTable);
  const source = options.value('source', 'an address', readAddress());
  const enabled = options.value('enabled', 'true or false', readBoolean) ?? true;
  const named = interfaceOf(options, ways);
  if (gateways.length === 0 && named === undefined && !hasGateway(options) && !block.flawed)
    problems.error(
      options.block,
      'a route needs a gateway',
      'gatewayv4, gatewayv6, or interface for one without',
    );
  if (destinations === undefined || !enabled) return [];
  const common = {
    place: spot(block),
    ...(metric !== undefined && { metric }),
    ...(table !== undefined && { table }),
  };
  const routeTo = (destination: Prefix, way: { interface: string; gateway?: Address }): Route => ({
    ...common,
    destination,
    ...way,
    ...(source?.family === destination.family && { source }),
  });
  if (gateways.length === 0 && named !== undefined)
    return (destinations === 'default' ? familiesOf(named).map(everything) : destinations).map(each =>
      routeTo(each, { interface: named.name }),
    );
  return gateways.flatMap(({ address, place }) => {
    const fitting =
      destinations === 'default'
        ? [everything(address.family)]
        : destinations.filter(({ family }) => family === address.family);
    if (fitting.length === 0) {
      problems.error(
        place,
        `a gateway of IPv${address.family}, but ${shownTarget(block)} has no addresses of IPv${address.family}`,
      );
      return [];
    }
    const way = named ?? wayTo(address, place, ways, problems);
    return way === undefined
      ? []
      : fitting.map(each => routeTo(each, { interface: way.name, gateway: address }));
  });
}

/** One that could not be read has been told already. */
function hasGateway(options: Options): boolean {
  return ['gatewayv4', 'gatewayv6', 'gateway', 'interface'].some(each => options.get(each) !== undefined);
}

function familiesOf({ addresses, inet, inet6 }: Interface): (4 | 6)[] {
  const has = (family: 4 | 6, method: string | undefined) =>
    method !== undefined || addresses.some(({ address }) => address.family === family);
  return [...(has(4, inet) ? ([4] as const) : []), ...(has(6, inet6) ? ([6] as const) : [])];
}

function everything(family: 4 | 6): Prefix {
  return { family, value: 0n, length: 0 };
}

function destinationsOf(
  { block, problems }: Options,
  networks: ReadonlyMap<string, Network>,
): Destinations | undefined {
  const { name } = block;
  if (name === undefined) return undefined;
  const text = plainText(name);
  if (!name.quoted && text === 'default') return 'default';
  const read = readLengthened(text);
  if (read !== undefined) {
    const { address, length = widths[address.family] } = read;
    const prefix = networkOf(address, length);
    if (!sameAddress(prefix, address))
      problems.error(name, `${text} has bits of a host: the network is ${prefixText(prefix)}`);
    return [prefix];
  }
  const network = lookUp(text, name, networks, problems);
  if (network === undefined) return undefined;
  if (network.prefixes.length > 0) return network.prefixes;
  problems.error(
    name,
    `the addresses of "${text}" are not known beforehand`,
    'networkv4 or networkv6 names them',
  );
  return undefined;
}

function interfaceOf(options: Options, ways: Ways): Interface | undefined {
  const option = options.get('interface');
  const name = options.value('interface', 'the name of an interface', text => text || undefined);
  if (option === undefined || name === undefined) return undefined;
  const found = ways.named(name);
  if (found === undefined) {
    const near = nearest(name, ways.names());
    options.problems.error(
      option.values[0]!,
      `no network has an interface ${name}`,
      near === undefined ? undefined : `did you mean ${near}?`,
    );
  }
  return found;
}

/** The interface whose network the gateway is in; told, with what was meant, where there is none. */
function wayTo(gateway: Address, place: Place, ways: Ways, problems: Problems): Interface | undefined {
  const text = addressText(gateway);
  const own = ways.owner(gateway);
  if (own !== undefined) {
    problems.error(place, `the gateway ${text} is this host itself (${own.name})`);
    return undefined;
  }
  const found = ways.to(gateway);
  if (found !== undefined) return found;
  const linkLocal = gateway.family === 6 && gateway.value >> 118n === 0x3fan;
  const near = linkLocal ? undefined : nearest(text, ways.peers());
  const hint =
    near === undefined
      ? 'interface names the one that leads to it'
      : `did you mean ${near}? Or interface names the one that leads to it`;
  problems.error(place, `the gateway ${text} is in no network of an interface`, hint);
  return undefined;
}

function readTable(text: string): number | undefined {
  const table = readNumber(1, 4_294_967_295)(text === 'main' ? '254' : text);
  return table === 255 ? undefined : table;
}

function destinationText(prefix: Prefix): string {
  return prefix.length === 0 ? 'default' : prefixText(prefix);
}

function shownTarget({ name }: Block): string {
  return name === undefined ? 'it' : `"${plainText(name)}"`;
}
