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
  /** Name of the link that this one stands on (VLAN, macvlan, veth in the same namespace). */
  link?: string;
  link_index?: number;
  link_netnsid?: number;
  flags: string[];
  mtu: number;
  qdisc?: string;
  master?: string;
  /** RFC 2863 operational state: UP, DOWN, LOWERLAYERDOWN, DORMANT, UNKNOWN… */
  operstate: string;
  linkmode?: string;
  group?: string;
  txqlen?: number;
  link_type: string;
  address?: string;
  broadcast?: string;
  ifalias?: string;
  altnames?: string[];
  linkinfo?: LinkInfo;
}

/** Kind and data of a link, and of its membership in another (`info_slave_*`). */
export interface LinkInfo {
  info_kind?: string;
  info_data?: Record<string, unknown>;
  info_slave_kind?: string;
  info_slave_data?: Record<string, unknown>;
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
  stable_privacy?: true;
  autojoin?: true;
}

export interface NextHop {
  gateway?: string;
  via?: { family: string; host: string };
  dev?: string;
  weight?: number;
  flags: string[];
  encap?: string;
}

/** `ip -j route show table all`, IPv4 and IPv6, with the family beside it. */
export interface Route extends Unknown {
  family: 'inet' | 'inet6' | string;
  /** unicast when absent. */
  type?: string;
  dst: string;
  from?: string;
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
  metrics?: Record<string, number | string>[];
  expires?: number;
  pref?: string;
  nexthops?: NextHop[];
}

/** `ip -j rule`, IPv4 and IPv6, with the family beside it. */
export interface Rule extends Unknown {
  family: 'inet' | 'inet6' | string;
  priority: number;
  not?: true;
  src: string;
  srclen?: number;
  dst?: string;
  dstlen?: number;
  tos?: string;
  fwmark?: string;
  fwmask?: string;
  iif?: string;
  oif?: string;
  uid_start?: number;
  uid_end?: number;
  ipproto?: string;
  table?: string;
  protocol?: string;
  action?: string;
  goto?: number;
}

/** `ip -j neighbour`. */
export interface Neighbour extends Unknown {
  dst: string;
  dev: string;
  lladdr?: string;
  router?: true;
  proxy?: true;
  state: string[];
}

/** One option of a router advertisement (RFC 4861, 8106, 8801), as RTM_NEWNDUSEROPT delivers it. */
export interface RouterOption {
  ifindex: number;
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
