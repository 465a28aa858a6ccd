/**
 * What plugins want of the firewall: the values of the hook point `firewall`. The words are those of the network file:
 * a rule matches packets from one of `from` to one of `to`, and says what becomes of them.
 */
export interface FirewallPart {
  /** The plugin whose wishes these are. */
  plugin: string;
  networks: readonly FirewallNetwork[];
  /** In the order in which they count: the first rule that decides a packet is the last that it meets. */
  rules: readonly FirewallRule[];
}

/** A named network: links, prefixes, or both. */
export interface FirewallNetwork {
  name: string;
  /** Links that lead to it; a packet from the network comes in by one of them. None: a network to aim at only. */
  links: readonly string[];
  /** `10.0.0.0/24`, `2001:db8::/32`; for links with addresses that are not known beforehand the prefixes that the kernel has. */
  prefixes: readonly string[];
  /** Prefixes are those of the addresses that the links have at the time: DHCP, PPP, autoconfiguration. */
  dynamic: boolean;
  /** FILE:LINE:COLUMN. */
  place?: string;
}

/** One end of a packet's way: all that is said must fit. */
export interface FirewallEnd {
  /** Everything but this. */
  not?: boolean;
  /** A network by its name. */
  network?: string;
  /** Addresses and prefixes of hosts, one family or both; a name has been looked up already. */
  addresses?: readonly string[];
  /** Port numbers, first and last. */
  ports?: readonly (readonly [first: number, last: number])[];
}

/** A match that may be reversed by `not`. */
export interface Reversible<T> {
  value: T;
  not?: boolean;
}

/**
 * `forward`, `accept`: let through; `deny`: drop; `reject`: drop, and say so (ICMP, TCP reset); `masquerade`: let through
 * under the address of the link that it leaves by; `redirect`: on to another host; `transproxy`: to a local port;
 * `none`: only log, monitor and mark.
 */
export type FirewallAction =
  | { kind: 'forward' | 'masquerade' | 'none' }
  | { kind: 'accept' | 'deny' | 'reject'; direction?: 'incoming' | 'outgoing' }
  | { kind: 'redirect'; address: string; port?: number }
  | { kind: 'transproxy'; port: number };

export interface FirewallRule {
  /** Several stand for a rule each; none: whoever it is. */
  from: readonly FirewallEnd[];
  to: readonly FirewallEnd[];
  action: FirewallAction;
  protocol?: Reversible<string>;
  /** The first packet of a connection. */
  firstPacket?: Reversible<true>;
  /** A fragment that is not the first. */
  fragment?: Reversible<true>;
  /** A second rule with the ends exchanged. */
  bidirectional?: boolean;
  /** To the kernel's log, with this prefix. */
  log?: string | true;
  /** A copy to this group of nflog. */
  monitor?: number;
  /** Set on packets that match. */
  setMark?: number;
  /** DSCP and ECN, as in the byte of the IPv4 header. */
  setTos?: number;
  mark?: Reversible<number>;
  tos?: Reversible<number>;
  /** FILE:LINE:COLUMN. */
  place?: string;
}
