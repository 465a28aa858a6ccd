/**
 * The kernel's objects in the field names and text forms of `ip -j` (iproute2), which everybody in this field
 * reads already. Absent means what it means there. Attributes that netconf does not know are kept in `unknown`:
 * attribute type (linux/if_link.h and its siblings) to bytes in hexadecimal.
 */
export interface Unknown {
  unknown?: Record<string, string>;
}

/** `ip -d -j link`. */
export interface Link extends Unknown {
  ifindex: number;
  ifname: string;
  /** Name of the link that this one stands on (VLAN, macvlan, veth in the same namespace); null for none. */
  link?: string | null;
  link_index?: number;
  link_netnsid?: number;
  flags: string[];
  mtu: number;
  xdp?: { mode: number; prog: { id: number } };
  qdisc?: string;
  master?: string;
  /** RFC 2863 operational state: UP, DOWN, LOWERLAYERDOWN, DORMANT, UNKNOWN… */
  operstate: string;
  linkmode?: string;
  group?: string;
  txqlen?: number;
  link_type: string;
  address?: string;
  link_pointtopoint?: true;
  broadcast?: string;
  /** The permanent hardware address, where another is in use. */
  permaddr?: string;
  proto_down?: true;
  promiscuity?: number;
  allmulti?: number;
  min_mtu?: number;
  max_mtu?: number;
  linkinfo?: LinkInfo;
  inet6_addr_gen_mode?: string;
  num_tx_queues?: number;
  num_rx_queues?: number;
  gso_max_size?: number;
  gso_max_segs?: number;
  tso_max_size?: number;
  tso_max_segs?: number;
  gro_max_size?: number;
  gso_ipv4_max_size?: number;
  gro_ipv4_max_size?: number;
  phys_port_name?: string;
  phys_port_id?: string;
  phys_switch_id?: string;
  parentbus?: string;
  parentdev?: string;
  ifalias?: string;
  altnames?: string[];
}

/** Kind and data of a link, and of its membership in another (`info_slave_*`). */
export interface LinkInfo {
  info_kind?: string;
  info_data?: Record<string, unknown>;
  info_slave_kind?: string;
  info_slave_data?: Record<string, unknown>;
}

/** `ip -j address`: a link, without its details, and its addresses. */
export interface AddressedLink extends Omit<Link, 'linkinfo'> {
  addr_info: Omit<Address, 'ifindex' | 'ifname'>[];
}

/** One entry of `addr_info` of `ip -j address`, with the interface that it is on. Life times in seconds. */
export interface Address extends Unknown {
  ifindex: number;
  ifname: string;
  family: string;
  local: string;
  /** The peer of a point-to-point address. */
  address?: string;
  prefixlen: number;
  broadcast?: string;
  anycast?: string;
  multicast?: string;
  scope: string;
  label?: string;
  protocol?: string;
  metric?: number;
  valid_life_time: number;
  preferred_life_time: number;
  tentative?: true;
  dadfailed?: true;
  deprecated?: true;
  dynamic?: true;
  temporary?: true;
  mngtmpaddr?: true;
  noprefixroute?: true;
  nodad?: true;
  optimistic?: true;
  home?: true;
  secondary?: true;
  'stable-privacy'?: true;
  autojoin?: true;
}

export interface NextHop {
  gateway?: string;
  via?: { family: string; host: string };
  dev?: string;
  weight?: number;
  flags: string[];
  encap?: string;
  /** Realms. */
  flow?: { from?: string; to: string };
}

/** `ip -j route show table all`, IPv4 and IPv6, with the family beside it. */
export interface Route extends Unknown {
  family: 'inet' | 'inet6' | string;
  /** unicast when absent. */
  type?: string;
  dst: string;
  from?: string;
  /** RTA_NEWDST (MPLS). */
  to?: string;
  /** Kind of a light-weight tunnel and its attributes in hexadecimal. */
  encap?: string;
  tos?: string;
  gateway?: string;
  via?: { family: string; host: string };
  dev?: string;
  nhid?: number;
  /** Main when absent. */
  table?: string;
  protocol?: string;
  scope?: string;
  prefsrc?: string;
  metric?: number;
  flags: string[];
  mark?: number;
  /** Realms. */
  flow?: { from?: string; to: string };
  metrics?: Record<string, number | string | null | string[]>[];
  iif?: string;
  /** Seconds. */
  expires?: number;
  error?: number;
  ttl_propagate?: boolean;
  pref?: string;
  nexthops?: NextHop[];
}

/** `ip -j rule`, IPv4 and IPv6, with the family beside it. */
export interface Rule extends Unknown {
  family: 'inet' | 'inet6' | string;
  priority: number;
  not?: null;
  src: string;
  srclen?: number;
  dst?: string;
  dstlen?: number;
  tos?: string;
  fwmark?: string;
  fwmask?: string;
  iif?: string;
  iif_detached?: null;
  oif?: string;
  oif_detached?: null;
  l3mdev?: null;
  uid_start?: number;
  uid_end?: number;
  ipproto?: string;
  sport?: number;
  sport_start?: number;
  sport_end?: number;
  dport?: number;
  dport_start?: number;
  dport_end?: number;
  tun_id?: number;
  table?: string;
  protocol?: string;
  suppress_prefixlen?: number;
  suppress_ifgroup?: string;
  flow_from?: string;
  flow_to?: string;
  action?: string;
  goto?: number | 'none';
  unresolved?: null;
  nop?: null;
}

/** `ip -j neighbour`. */
export interface Neighbour extends Unknown {
  dst: string;
  dev: string;
  lladdr?: string;
  router?: null;
  proxy?: null;
  extern_learn?: null;
  offload?: null;
  state: string[];
  protocol?: string;
}

/** One option of a router advertisement (RFC 4861, 8106, 8801), as RTM_NEWNDUSEROPT delivers it. */
export interface RouterOption {
  ifindex: number;
  /** Address of the router that sent it. */
  router?: string;
  /** Option type: 25 RDNSS, 31 DNSSL, 21 PvD… */
  type: number;
  kind: string;
  /** Seconds. */
  lifetime?: number;
  servers?: string[];
  domains?: string[];
  /** The option's bytes in hexadecimal, type and length included. */
  bytes: string;
}
