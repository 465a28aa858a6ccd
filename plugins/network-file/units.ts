import type { Stanza } from 'netconf/plugin';
import type { Address } from './language/addresses.ts';
import {
  type Bridge,
  comesAndGoes,
  type Enabled,
  type Interface,
  type Model,
  type Route,
} from './language/model.ts';
import { manual, stanzasOf } from './stanzas.ts';

/** What one operation works on: a link with all its labels, a bridge, a tunnel. */
export interface Unit {
  name: string;
  enabled: Enabled;
  /** `auto` and `hotplug`; none where only somebody who asks for it brings it up. */
  classes: readonly string[];
  stanzas: readonly Stanza[];
  prerequisites: readonly string[];
  /** Made by its own operation: its link need not be there before. */
  made: boolean;
}

type Routes = ReadonlyMap<string, readonly Route[]>;

/** All units by name: what the network file comes to in the words of operations and of interfaces(5). */
export function unitsOf({ networks, bridges, routes: all }: Model): Map<string, Unit> {
  const units = new Map<string, Unit>();
  const interfaces = networks.flatMap(network => network.interfaces);
  const routes = grouped(all, route => route.interface);
  const owners = new Map(bridges.flatMap(bridge => bridge.networks.map(name => [name, bridge] as const)));
  for (const bridge of bridges) {
    const members = interfaces.filter(
      ({ network, link }) => owners.get(network) === bridge || link === bridge.name,
    );
    units.set(bridge.name, bridgeUnit(bridge, members, routes));
  }
  for (const [link, members] of grouped(interfaces, one => one.link)) {
    if (units.has(link)) continue;
    const isPort = members.some(({ network }) => owners.has(network));
    for (const unit of isPort
      ? [unitOf(link, members.map(asPort), noRoutes)]
      : linkUnits(link, members, routes))
      units.set(unit.name, unit);
  }
  return units;
}

const noRoutes: Routes = new Map();

function grouped<T>(all: readonly T[], key: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(key(one));
    if (group === undefined) groups.set(key(one), [one]);
    else group.push(one);
  }
  return groups;
}

/** A link, and where it has IPv4 addresses beside those of a tunnel, the tunnel over it. */
function linkUnits(link: string, members: readonly Interface[], routes: Routes): Unit[] {
  const over = members.find(({ tunnel }) => tunnel !== undefined);
  const local = over?.addresses.find(({ address }) => address.family === 4)?.address;
  if (over?.tunnel === undefined || (local === undefined && over.inet === undefined))
    return [unitOf(link, members, routes)];
  const name = tunnelName(link);
  const { tunnel, inet, inet6, ...common } = over;
  const of = (family: 4 | 6) => ({
    ...common,
    addresses: over.addresses.filter(({ address }) => address.family === family),
  });
  const below: Interface = {
    ...of(4),
    ...(inet !== undefined && { inet }),
    ...(inet6 !== undefined && { inet6 }),
  };
  const above: Interface = { ...of(6), name, link: name, tunnel, settings: {}, options: [] };
  const ways = routes.get(over.name) ?? [];
  const split = new Map(routes);
  split.set(
    over.name,
    ways.filter(({ destination }) => destination.family === 4),
  );
  split.set(
    name,
    ways.filter(({ destination }) => destination.family === 6),
  );
  return [
    unitOf(
      link,
      members.map(each => (each === over ? below : each)),
      split,
    ),
    { ...unitOf(name, [above], split, local), prerequisites: [link] },
  ];
}

/** Of the tunnel over a link that has addresses of its own. */
export function tunnelName(link: string): string {
  return `sit-${link}`;
}

/** The networks' addresses and routes are the bridge's. */
function bridgeUnit(bridge: Bridge, members: readonly Interface[], routes: Routes): Unit {
  const { name, stp, enabled, ports, place } = bridge;
  const moved = new Map<string, Route[]>();
  const own = members.map((one): Interface => {
    const label = one.name.slice(one.link.length);
    const { metric } = one.settings;
    const renamed = `${name}${label}`;
    moved.set(renamed, [...(moved.get(renamed) ?? []), ...(routes.get(one.name) ?? [])]);
    // What a port's link is like stays with the port.
    const settings = one.link === name ? one.settings : metric === undefined ? {} : { metric };
    return { ...one, name: renamed, link: name, settings };
  });
  const [first, ...others] = merged(own, moved).flatMap(one => stanzasOf(one, moved.get(one.name) ?? []));
  const options: (readonly [string, string])[] = [
    ['bridge_ports', ports.join(' ')],
    ['bridge_stp', stp ? 'on' : 'off'],
    // Without the protocol nothing is to be waited for.
    ...(stp
      ? []
      : ([
          ['bridge_fd', '0'],
          ['bridge_maxwait', '0'],
        ] as const)),
  ];
  const head: Stanza = first ?? manual(place);
  return {
    name,
    enabled,
    classes: enabled ? ['auto', 'hotplug'] : [],
    stanzas: [{ ...head, options: [...options, ...head.options] }, ...others],
    prerequisites: [],
    made: true,
  };
}

/** Ports that were one interface each are one as a bridge: routes are told once, and a port without addresses adds nothing. */
function merged(own: readonly Interface[], moved: Map<string, Route[]>): Interface[] {
  const active = own.filter(
    ({ enabled, addresses, inet, inet6 }) =>
      enabled !== false && addresses.length + Number(inet !== undefined) + Number(inet6 !== undefined) > 0,
  );
  return [...grouped(active, one => one.name)].map(([name, [first, ...others]]) => {
    const all = [first!, ...others];
    moved.set(name, moved.get(name) ?? []);
    return {
      ...first!,
      addresses: all.flatMap(({ addresses }) => addresses),
      options: all.flatMap(({ options }) => options),
    };
  });
}

/** A port has no addresses of its own. */
function asPort({ inet: _, inet6: __, tunnel: ___, ...rest }: Interface): Interface {
  return { ...rest, addresses: [], defaultRoute: false, options: [] };
}

function unitOf(name: string, members: readonly Interface[], routes: Routes, local?: Address): Unit {
  const active = members.filter(({ enabled }) => enabled !== false);
  // What is disabled as a whole can still be asked for by name; of several only those count that are enabled.
  const counted = active.length > 0 ? active : members;
  const stanzas = counted.flatMap(one => stanzasOf(one, routes.get(one.name) ?? [], local));
  const enabled: Enabled =
    active.length === 0 ? false : active.some(one => one.enabled === true) || 'hotplug';
  const isDialled = counted.some(({ provider }) => provider !== undefined);
  const comes = counted.every(comesAndGoes) && !isDialled;
  return {
    name,
    enabled,
    classes: enabled === false ? [] : comes ? ['hotplug'] : ['auto', 'hotplug'],
    // Debian's order, whatever labels come between.
    stanzas: stanzas.toSorted((a, b) => Number(a.family === 'inet6') - Number(b.family === 'inet6')),
    prerequisites: [],
    made: isDialled || counted.some(({ tunnel }) => tunnel !== undefined),
  };
}
