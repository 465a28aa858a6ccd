import type { Schema } from './attributes.ts';
import * as c from './constants.ts';
import { addressSchema } from './schemas/address.ts';
import { acknowledgementSchema } from './schemas/error.ts';
import { linkSchema } from './schemas/link.ts';
import { neighbourSchema } from './schemas/neighbour.ts';
import { routeSchema } from './schemas/route.ts';
import { routerOptionSchema } from './schemas/router-option.ts';
import { ruleSchema } from './schemas/rule.ts';

/** A fixed header and the schema of the attributes after it. Each field has 1, 2 or 4 bytes; `s4` is signed. */
export interface Layout {
  fields: readonly (readonly [name: string, size: 1 | 2 | 4 | 's4'])[];
  size: number;
  schema(message: { flags: number; header: Record<string, number> }): Schema;
}

const nothing: Schema = {};

/** `struct ifinfomsg` */
const link = layout({ family: 1, pad: 1, type: 2, index: 's4', flags: 4, change: 4 }, () => linkSchema);
/** `struct ifaddrmsg` */
const address = layout({ family: 1, prefixlen: 1, flags: 1, scope: 1, index: 4 }, () => addressSchema);
/** `struct rtmsg` */
const route = layout(
  { family: 1, dst_len: 1, src_len: 1, tos: 1, table: 1, protocol: 1, scope: 1, type: 1, flags: 4 },
  () => routeSchema,
);
/** `struct fib_rule_hdr` */
const rule = layout(
  { family: 1, dst_len: 1, src_len: 1, tos: 1, table: 1, res1: 1, res2: 1, action: 1, flags: 4 },
  () => ruleSchema,
);
/** `struct ndmsg` */
const neighbour = layout(
  { family: 1, pad1: 1, pad2: 2, ifindex: 's4', state: 2, flags: 1, type: 1 },
  () => neighbourSchema,
);
/** `struct nduseroptmsg` */
const routerOption = layout(
  { family: 1, pad1: 1, opts_len: 2, ifindex: 's4', icmp_type: 1, icmp_code: 1, pad2: 2, pad3: 4 },
  () => routerOptionSchema,
);
/** `struct nlmsgerr`: the error and the header of the request that it is about. */
const error = layout({ error: 's4', len: 4, type: 2, flags: 2, seq: 4, pid: 4 }, acknowledgement);
const done = layout({ error: 's4' }, acknowledgement);

const layouts: Readonly<Record<number, Layout>> = {
  [c.NLMSG_ERROR]: error,
  [c.NLMSG_DONE]: done,
  [c.RTM_NEWLINK]: link,
  [c.RTM_DELLINK]: link,
  [c.RTM_GETLINK]: link,
  [c.RTM_NEWADDR]: address,
  [c.RTM_DELADDR]: address,
  [c.RTM_GETADDR]: address,
  [c.RTM_NEWROUTE]: route,
  [c.RTM_DELROUTE]: route,
  [c.RTM_GETROUTE]: route,
  [c.RTM_NEWNEIGH]: neighbour,
  [c.RTM_DELNEIGH]: neighbour,
  [c.RTM_GETNEIGH]: neighbour,
  [c.RTM_NEWRULE]: rule,
  [c.RTM_DELRULE]: rule,
  [c.RTM_GETRULE]: rule,
  [c.RTM_NEWNDUSEROPT]: routerOption,
};

export function layoutOf(type: number): Layout | undefined {
  return layouts[type];
}

function layout(fields: Record<string, 1 | 2 | 4 | 's4'>, schema: Layout['schema']): Layout {
  const list = Object.entries(fields);
  return { fields: list, size: list.reduce((sum, [, size]) => sum + (size === 's4' ? 4 : size), 0), schema };
}

function acknowledgement({ flags }: { flags: number }): Schema {
  return flags & c.NLM_F_ACK_TLVS ? acknowledgementSchema : nothing;
}
