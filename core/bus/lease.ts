/**
 * What DHCP leases an interface, in one vocabulary whatever client brought it. Every value has been checked: an address
 * is one, a name has only what names may have, and nothing has a character that means something to a shell.
 */
export interface Lease {
  family: LeaseFamily;
  /** The client that brought it. */
  client: DhcpClient;
  /** Process id of the client, where it says so. */
  pid?: number;
  /** When it was told: milliseconds since the epoch. Times below count from here. */
  since: number;
  /** Seconds until it runs out, is renewed, and is renewed from any server. Without `lease`: never. */
  lease?: number;
  renew?: number;
  rebind?: number;

  /** Of `inet`. */
  address?: string;
  prefixlen?: number;
  broadcast?: string;
  /** The first is the one to use. Not to be looked at where there are `routes` (RFC 3442). */
  routers?: string[];
  /** Classless static routes (options 121 and 249) or, without them, those of option 33. */
  routes?: LeaseRoute[];

  /** Of `inet6`: everything that the client holds for the interface. */
  addresses?: LeasedAddress[];
  /** Prefixes delegated to this machine (RFC 8415). */
  prefixes?: LeasedPrefix[];

  mtu?: number;
  /** Addresses, of the lease's family. */
  dns?: string[];
  domain?: string;
  search?: string[];
  /** Time servers: addresses of the lease's family, or names (option 56 of DHCPv6, RFC 5908). */
  ntp?: string[];
  hostname?: string;
  /** The server: its address, or for `inet6` its DUID, as pairs of hexadecimal digits with colons between. */
  server?: string;
  /** Mail servers (option 69). */
  smtp?: string[];
  /** URL of the proxy autoconfiguration file (option 252). */
  wpad?: string;
  /** As POSIX writes it (`CET-1CEST,M3.5.0,M10.5.0/3`) and as the time zone database does (`Europe/Berlin`); RFC 4833. */
  timezone?: { posix?: string; name?: string };
  /** Everything else that is harmless text, by the client's own name for it. */
  other?: Record<string, string>;
}

export type LeaseFamily = 'inet' | 'inet6';

export type DhcpClient = 'dhclient' | 'dhcpcd' | 'udhcpc';

export interface LeaseRoute {
  /** With its prefix length; `default`. */
  dst: string;
  /** Without one, the destination is on the link. */
  gateway?: string;
}

export interface LeasedAddress {
  address: string;
  prefixlen: number;
  /** Seconds; without it, for ever. */
  preferred?: number;
  valid?: number;
}

export interface LeasedPrefix {
  /** With its length. */
  prefix: string;
  preferred?: number;
  valid?: number;
}

/** What a client told, as `dhcp.*` events carry it. */
export interface DhcpReport {
  family: LeaseFamily;
  client: DhcpClient;
  /** In the client's own word: `BOUND6`, `deconfig`. */
  reason: string;
  pid?: number;
  /** What the client holds now; none when nothing. */
  lease?: Lease;
  /** What it held before. */
  old?: Lease;
  /** What was not taken over, and why. */
  refused?: { option: string; reason: string }[];
}
