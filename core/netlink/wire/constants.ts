/** Numbers of linux/netlink.h, linux/rtnetlink.h and linux/socket.h, in the kernel's own words. */
export const NLMSG_NOOP = 1;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;

export const RTM_NEWLINK = 16;
export const RTM_DELLINK = 17;
export const RTM_GETLINK = 18;
export const RTM_NEWADDR = 20;
export const RTM_DELADDR = 21;
export const RTM_GETADDR = 22;
export const RTM_NEWROUTE = 24;
export const RTM_DELROUTE = 25;
export const RTM_GETROUTE = 26;
export const RTM_NEWNEIGH = 28;
export const RTM_DELNEIGH = 29;
export const RTM_GETNEIGH = 30;
export const RTM_NEWRULE = 32;
export const RTM_DELRULE = 33;
export const RTM_GETRULE = 34;
export const RTM_NEWNDUSEROPT = 68;
export const RTM_NEWNEXTHOP = 104;
export const RTM_DELNEXTHOP = 105;

export const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
export const NLM_F_DUMP_INTR = 0x10;
/** Of an NLMSG_ERROR: the original request is cut off after its header. */
export const NLM_F_CAPPED = 0x100;
/** Of an NLMSG_ERROR or NLMSG_DONE: attributes of the extended acknowledgement follow. */
export const NLM_F_ACK_TLVS = 0x200;
/** NLM_F_ROOT | NLM_F_MATCH. */
export const NLM_F_DUMP = 0x300;
export const NLM_F_REPLACE = 0x100;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;
export const NLM_F_APPEND = 0x800;

export const NLA_F_NESTED = 0x8000;
export const NLA_F_NET_BYTEORDER = 0x4000;
export const NLA_TYPE_MASK = 0x3fff;

/** Multicast groups, `enum rtnetlink_groups`. */
export const groups = {
  link: 1,
  neighbour: 3,
  ipv4Address: 5,
  ipv4Route: 7,
  ipv4Rule: 8,
  ipv6Address: 9,
  ipv6Route: 11,
  ipv6Rule: 19,
  routerOption: 20,
  nexthop: 32,
} as const;

export const AF_UNSPEC = 0;
export const AF_INET = 2;
export const AF_BRIDGE = 7;
export const AF_INET6 = 10;

export const IFF_UP = 0x1;
export const IFF_POINTOPOINT = 0x10;
export const IFF_RUNNING = 0x40;
export const IFF_LOWER_UP = 0x10000;

export const RTM_F_CLONED = 0x200;
export const RTNH_F_DEAD = 1;
export const RTNH_F_LINKDOWN = 16;

export const RTN_UNICAST = 1;
export const RT_TABLE_MAIN = 254;

export const IFA_F_TENTATIVE = 0x40;
export const IFA_F_DADFAILED = 0x08;

/** Length of `struct nlmsghdr`. */
export const headerLength = 16;

/** NLMSG_ALIGN, NLA_ALIGN, RTA_ALIGN, RTNH_ALIGN: all are 4. */
export function align(length: number): number {
  return (length + 3) & ~3;
}
