import type { Bridge, Network } from './model.ts';
import { lookUp } from './networks.ts';
import { Options } from './options.ts';
import type { Problems } from './problem.ts';
import { type Place, placeText, spot } from './source.ts';
import { type Block, plainText } from './syntax.ts';
import { isInterfaceName, readBoolean } from './values.ts';

/** Networks that some bridge names as its ports, before anything is known of them. */
export function bridgedNetworks(all: readonly Block[]): Set<string> {
  return new Set(
    all.flatMap(({ items }) =>
      items.flatMap(item =>
        item.kind === 'option' && isEnd(item.keyword) && item.values[0] !== undefined
          ? [plainText(item.values[0])]
          : [],
      ),
    ),
  );
}

/** Bridges between named networks: an interface of the bridge's name whose ports are the networks' interfaces. */
export function readBridges(
  all: readonly Block[],
  networks: ReadonlyMap<string, Network>,
  problems: Problems,
): Bridge[] {
  const places = new Map<string, Place>();
  const owners = new Map<string, string>();
  return all.flatMap(block => {
    const options = new Options(block, problems);
    options.refuseNot();
    const name = block.name === undefined ? undefined : plainText(block.name);
    if (name === undefined) return [];
    if (!isInterfaceName(name) || name.includes(':')) {
      problems.error(
        block.name!,
        'no name of a bridge',
        'it is an interface: up to 15 characters without blanks, colons and slashes',
      );
      return [];
    }
    const before = places.get(name);
    if (before !== undefined)
      problems.error(block.name!, `there is a bridge ${name} already`, `at ${placeText(before)}`);
    places.set(name, spot(block.name!));
    const stp = options.value('stp', 'true or false', readBoolean) ?? false;
    const enabled = options.value('enabled', 'true or false', readBoolean) ?? true;
    const named: string[] = [];
    const ports: string[] = [];
    for (const option of [...options.all('from'), ...options.all('to')]) {
      const [value] = option.values;
      if (value === undefined) continue;
      const network = lookUp(plainText(value), value, networks, problems);
      if (network === undefined) continue;
      const owner = owners.get(network.name);
      if (owner !== undefined)
        problems.error(
          value,
          `"${network.name}" is a port of ${owner === name ? 'it' : `the bridge ${owner}`} already`,
        );
      owners.set(network.name, name);
      const links = [...new Set(network.interfaces.map(({ link }) => link))];
      if (links.length === 0)
        problems.error(value, `"${network.name}" has no interface that could be a port`);
      if (links.includes(name)) problems.error(value, `the bridge ${name} cannot be a port of itself`);
      named.push(network.name);
      ports.push(...links);
    }
    if (!block.flawed && options.all('from').length + options.all('to').length === 0)
      problems.error(options.block, 'a bridge needs from or to', 'each names a network');
    return [{ name, place: spot(block.name!), networks: named, ports, stp, enabled }];
  });
}

function isEnd(keyword: string): boolean {
  return keyword === 'from' || keyword === 'to';
}
