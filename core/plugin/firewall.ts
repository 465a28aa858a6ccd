/**
 * What plugins want of the firewall: the values of the hook point `firewall`. The words are those of the network file:
 * a rule matches packets from one of `from` to one of `to`, and says what becomes of them.
 *
 * A packet comes through stages; in each the rules of that stage are asked in their order, and the first that decides
 * is the last of that stage that it meets:
 *
 * | stage | rules | where none decides |
 * |---|---|---|
 * | incoming: all that comes in by a link, for this host or another | `accept`, `deny`, `reject`, `return` with `incoming` or no direction; `none` | it goes on |
 * | translation | `redirect`, `transproxy` | it keeps its destination |
 * | forwarding: what goes on to another host | `forward`, `masquerade`, `redirect`, `accept` without a direction | it is dropped, if any rule forwards at all |
 * | outgoing: what leaves, own packets too | `accept`, `deny`, `reject`, `return` with `outgoing`; for own packets also those without a direction, and `none` | it goes out |
 *
 * They decide of connections, by the packet that begins one: what belongs to a connection that was let through passes,
 * and rules that deny or reject are not asked about it.
 * What a host says to itself, and the neighbour discovery of IPv6, no rule is asked about.
 */
export interface FirewallPart {
  /** The plugin whose wishes these are. */
  plugin: string;
  /** Rules of other parts may name them, too; of several of one name those of a part's own count. */
  networks: readonly FirewallNetwork[];
  /** In the order in which they count. Parts count in the order of the list: what must come first stands before the others. */
  rules: readonly FirewallRule[];
  /** False: these rules bring no spoof protection along, which is for all links; other parts may. */
  spoofProtection?: false;
}

/**
 * A named network: links, prefixes, or both. A packet is from it when it comes in by one of the links (if there are any)
 * and its source is in one of the prefixes (if there are any). It is to it when its destination is in one of the
 * prefixes, or, of a network of links alone, when it leaves by one of them. Own packets come in by no link: their
 * source alone counts.
 */
export interface FirewallNetwork {
  /** Any text; it is shown to people, and never reaches a program as it is. */
  name: string;
  /** Names of links; of an alias (`eth0:1`) the link counts. */
  links: readonly string[];
  /** `10.0.0.0/24`, `2001:db8::/32`. Bits of the host do not matter. */
  prefixes: readonly string[];
  /** The prefixes of the addresses that the links have at the time count, too: DHCP, PPP, autoconfiguration. */
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
  /** Port numbers, first and last, of TCP and UDP; `protocol` says which. */
  ports?: readonly (readonly [first: number, last: number])[];
}

/** A match that may be reversed by `not`. */
export interface Reversible<T> {
  value: T;
  not?: boolean;
}

/**
 * `forward`, `accept`: let through; `deny`: drop; `reject`: drop, and say so (ICMP port unreachable);
 * `masquerade`: let through under the address of the link that it leaves by, IPv6 too; `redirect`: on to another host,
 * whose family counts; `transproxy`: TCP and UDP to a local port; `return`: the rules of this part that follow are not
 * asked, those of other parts are; `none`: only log, monitor and mark.
 */
export type FirewallAction =
  | { kind: 'forward' | 'masquerade' | 'none' }
  | { kind: 'accept' | 'deny' | 'reject' | 'return'; direction?: 'incoming' | 'outgoing' }
  | { kind: 'redirect'; address: string; port?: number }
  | { kind: 'transproxy'; port: number };

export interface FirewallRule {
  /** Several stand for a rule each; none: whoever it is. */
  from: readonly FirewallEnd[];
  to: readonly FirewallEnd[];
  action: FirewallAction;
  /** `tcp`, `udp`, `icmp` (of either family), another name of protocols(5), or a number. */
  protocol?: Reversible<string>;
  /** The first packet of a TCP connection: SYN, without ACK, RST and FIN. */
  firstPacket?: Reversible<true>;
  /**
   * A fragment that is not the first. Such are seen only as they come in, before they are put together, so a rule that
   * wants them denies, rejects, accepts or logs what comes in, and says nothing of ports.
   */
  fragment?: Reversible<true>;
  /** A second rule with the ends exchanged, ports included. */
  bidirectional?: boolean;
  /** To the kernel's log, with this prefix. Log, monitor and marks are for every packet that matches; of a rule that refuses, for those refused. */
  log?: string | true;
  /** A copy to this group of nflog. */
  monitor?: number;
  /** Set on packets that match; where routing is to see it, by a rule that looks at what comes in. */
  setMark?: number;
  /** TOS byte of IPv4, traffic class of IPv6. Its two bits of ECN are left alone where they are 0 here, here and in `tos`. */
  setTos?: number;
  mark?: Reversible<number>;
  tos?: Reversible<number>;
  /** FILE:LINE:COLUMN. */
  place?: string;
}
