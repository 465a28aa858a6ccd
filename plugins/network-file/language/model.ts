import type { FirewallRule } from 'netconf/plugin';
import type { Address, Prefix } from './addresses.ts';
import type { Place } from './source.ts';

/** What the network file means: values read, defaults worked out, names looked up. */
export interface Model {
  networks: readonly Network[];
  routes: readonly Route[];
  bridges: readonly Bridge[];
  rules: readonly FirewallRule[];
}

export interface Network {
  name: string;
  place: Place;
  /** None: a name for routes and rules alone. */
  interfaces: readonly Interface[];
  /** As `networkv4` and `networkv6` have it, else those of the interfaces' addresses; each once. */
  prefixes: readonly Prefix[];
  /** Families whose network the file names itself. */
  named: readonly (4 | 6)[];
}

/** `hotplug`: only when its link comes. `false`: only when somebody asks for it. */
export type Enabled = boolean | 'hotplug';

export interface Interface {
  /** `eth0`, or with a label `eth0:1`. */
  name: string;
  /** The link that it stands on: the name without the label. */
  link: string;
  network: string;
  place: Place;
  enabled: Enabled;
  addresses: readonly InterfaceAddress[];
  /** How else it comes to addresses of IPv4 (inet) and IPv6 (inet6): a method of interfaces(5), or `dynamical`. */
  inet?: string;
  inet6?: string;
  settings: Settings;
  /** Of `bootp` and `ppp`. */
  provider?: string;
  /** The other end of a tunnel of IPv6 in IPv4. */
  tunnel?: Address;
  /** Undefined where the file does not say: then a lease does. */
  defaultRoute: boolean | 'onconnect' | undefined;
  /** For the stanza of the family, or for the first one. */
  options: readonly { family?: 'inet' | 'inet6'; name: string; value: string }[];
}

export interface InterfaceAddress {
  address: Address;
  length: number;
  /** Where it is another than that with all bits of the host set. */
  broadcast?: Address;
  /** The other end of a point-to-point link. */
  peer?: Address;
  place: Place;
}

/** Of a link. */
export interface Settings {
  arp?: boolean;
  allmulti?: boolean;
  metric?: number;
  mtu?: number;
  hwaddress?: string;
  /** Bits in a second. */
  bandwidth?: number;
}

export interface Route {
  destination: Prefix;
  gateway?: Address;
  /** The interface that leads to the gateway. */
  interface: string;
  metric?: number;
  table?: number;
  source?: Address;
  place: Place;
}

export interface Bridge {
  name: string;
  place: Place;
  /** Networks whose interfaces are its ports; their addresses are the bridge's. */
  networks: readonly string[];
  ports: readonly string[];
  stp: boolean;
  enabled: boolean;
}

/** Interfaces that come and go with a connection: nobody waits for them when the machine starts. */
export function comesAndGoes({ link, inet, inet6, enabled }: Interface): boolean {
  return (
    enabled === 'hotplug' ||
    inet === 'dynamical' ||
    inet6 === 'dynamical' ||
    /^(ppp|i?sdn|ippp|sl|slip|wwan)\d/.test(link)
  );
}
