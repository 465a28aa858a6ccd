/** Where DNS data comes from, in the order in which they count within one interface. */
export const kinds = ['interfaces', 'vpn', 'dhcp', 'router'] as const;
export type Kind = (typeof kinds)[number];

/** What resolv.conf(5) can say. All of it has been checked: see values.ts. */
export interface Settings {
  /** IPv4 and IPv6 addresses in their canonical form, those of fe80::/10 with the interface: `fe80::1%eth0`. */
  servers: readonly string[];
  /** Search domains, without their final dots; `.` from the administrator alone. */
  search: readonly string[];
  options: readonly string[];
  sortlist: readonly string[];
}

/** What one source says of one interface. */
export interface Contribution extends Settings {
  interface: string;
  kind: Kind;
  /** Which of the kind: what comes again under the same name replaces what was there (`inet`, `office`, an address). */
  name: string;
  /** Milliseconds since the epoch: when it came first. */
  since: number;
  /** When it ends by itself: milliseconds since the machine's start. */
  until?: number;
}

/** A value that was not taken over, and why. */
export interface Refused {
  value: string;
  reason: string;
}

/** What a source says, and what of it cannot be used. */
export interface Reading extends Settings {
  refused: readonly Refused[];
}

export const nothing: Settings = { servers: [], search: [], options: [], sortlist: [] };

export function isEmpty({ servers, search, options, sortlist }: Settings): boolean {
  return servers.length + search.length + options.length + sortlist.length === 0;
}
