import type { Schema } from '../attributes.ts';
import { text, u8, u32 } from '../kinds.ts';

/** FRA_… of linux/fib_rules.h. */
export const ruleSchema: Schema = {
  1: ['dst'],
  2: ['src'],
  3: ['iifname', text],
  4: ['goto', u32],
  6: ['priority', u32],
  10: ['fwmark', u32],
  11: ['flow', u32],
  /** Network byte order, 64 bits. */
  12: ['tun_id'],
  13: ['suppress_ifgroup', u32],
  14: ['suppress_prefixlen', u32],
  15: ['table', u32],
  16: ['fwmask', u32],
  17: ['oifname', text],
  19: ['l3mdev', u8],
  /** `struct fib_rule_uid_range` */
  20: ['uid_range'],
  21: ['protocol', u8],
  22: ['ip_proto', u8],
  /** `struct fib_rule_port_range` */
  23: ['sport_range'],
  24: ['dport_range'],
  25: ['dscp', u8],
  26: ['flowlabel'],
  27: ['flowlabel_mask'],
  28: ['sport_mask'],
  29: ['dport_mask'],
  30: ['dscp_mask', u8],
};
