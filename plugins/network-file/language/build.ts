import { bridgedNetworks, readBridges } from './bridges.ts';
import type { Model } from './model.ts';
import { readNetworks } from './networks.ts';
import type { Reading } from './read.ts';
import { readRoutes } from './routes.ts';
import { readRules } from './rules.ts';
import type { Names } from './services.ts';
import type { Block } from './syntax.ts';

/** From what is written to what is meant. What is wrong goes to the reading's problems; the model has the rest. */
export function build({ blocks, problems }: Pick<Reading, 'blocks' | 'problems'>, names: Names): Model {
  const of = (keyword: string) => blocks.filter((block): block is Block => block.keyword === keyword);
  const bridges = of('bridge');
  const networks = readNetworks(of('network'), bridgedNetworks(bridges), problems);
  return {
    networks: [...networks.values()],
    bridges: readBridges(bridges, networks, problems),
    routes: readRoutes(of('route'), networks, problems),
    rules: readRules(of('rule'), networks, names, problems),
  };
}
