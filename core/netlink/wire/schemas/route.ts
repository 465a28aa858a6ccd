import type { Schema } from '../attributes.ts';
import { nested, nextHops, text, u8, u16, u32 } from '../kinds.ts';

/** RTAX_… of linux/rtnetlink.h, by the names of ip-route(8). */
const metricsSchema: Schema = {
  1: ['lock', u32],
  2: ['mtu', u32],
  3: ['window', u32],
  4: ['rtt', u32],
  5: ['rttvar', u32],
  6: ['ssthresh', u32],
  7: ['cwnd', u32],
  8: ['advmss', u32],
  9: ['reordering', u32],
  10: ['hoplimit', u32],
  11: ['initcwnd', u32],
  12: ['features', u32],
  13: ['rto_min', u32],
  14: ['initrwnd', u32],
  15: ['quickack', u32],
  16: ['congestion', text],
  17: ['fastopen_no_cookie', u32],
};

/** RTA_… of linux/rtnetlink.h. */
export const routeSchema: Schema = {
  1: ['dst'],
  2: ['src'],
  3: ['iif', u32],
  4: ['oif', u32],
  5: ['gateway'],
  6: ['priority', u32],
  7: ['prefsrc'],
  8: ['metrics', nested(metricsSchema)],
  9: ['multipath', nextHops(() => routeSchema)],
  11: ['flow', u32],
  /** `struct rta_cacheinfo`: use, life time; changes without the route changing. */
  12: ['cacheinfo'],
  15: ['table', u32],
  16: ['mark', u32],
  17: ['mfc_stats'],
  /** `struct rtvia`: a gateway of another family. */
  18: ['via'],
  19: ['newdst'],
  20: ['pref', u8],
  21: ['encap_type', u16],
  /** Light-weight tunnels are kept as they are. */
  22: ['encap'],
  23: ['expires', u32],
  25: ['uid', u32],
  26: ['ttl_propagate', u8],
  27: ['ip_proto', u8],
  28: ['sport'],
  29: ['dport'],
  30: ['nh_id', u32],
};
