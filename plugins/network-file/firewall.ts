import type { FirewallNetwork, FirewallPart } from 'netconf/plugin';
import { prefixText } from './language/addresses.ts';
import type { Interface, Model, Network } from './language/model.ts';
import { placeText } from './language/source.ts';
import { tunnelName } from './units.ts';

/** What the network file wants of the firewall: its networks, with the links that lead to them now, and its rules. */
export function firewallPart(plugin: string, { networks, bridges, rules }: Model): FirewallPart {
  const owners = new Map(
    bridges.flatMap(({ name, networks: own }) => own.map(network => [network, name] as const)),
  );
  return {
    plugin,
    networks: networks.map(network => firewallNetwork(network, owners.get(network.name))),
    rules,
  };
}

function firewallNetwork(
  { name, place, interfaces, prefixes, named }: Network,
  bridge: string | undefined,
): FirewallNetwork {
  const links = bridge === undefined ? interfaces.flatMap(linksOf) : [bridge];
  // A network that is named by its addresses has these, whatever a server gives.
  const dynamic = interfaces.some(
    ({ inet, inet6 }) => (isFound(inet) && !named.includes(4)) || (isFound(inet6) && !named.includes(6)),
  );
  return {
    name,
    links: [...new Set(links)],
    prefixes: prefixes.map(prefixText),
    dynamic,
    place: placeText(place),
  };
}

/** A tunnel of its own leads to the same network as the link that it is over. */
function linksOf({ link, tunnel, inet, addresses }: Interface): string[] {
  const isOver =
    tunnel !== undefined && (inet !== undefined || addresses.some(({ address }) => address.family === 4));
  return isOver ? [link, tunnelName(link)] : [link];
}

/** Addresses that nobody knows beforehand. */
function isFound(method: string | undefined): boolean {
  return method !== undefined && method !== 'manual';
}
