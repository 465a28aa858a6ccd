import { attribute } from './wire/attributes.ts';
import * as c from './wire/constants.ts';
import { encode } from './wire/message.ts';
import { linkSchema } from './wire/schemas/link.ts';
import { routeSchema } from './wire/schemas/route.ts';

/** RTEXT_FILTER_SKIP_STATS: counters change all the time and nobody here looks at them. */
const skipStatistics = 8;

/** The requests that the mirror is built from; strict checking allows nothing in them that is no filter. */
export function linkRequest(ifindex = 0): Uint8Array {
  return encode({
    type: c.RTM_GETLINK,
    flags: 0,
    seq: 0,
    pid: 0,
    header: { family: c.AF_UNSPEC, index: ifindex },
    attributes: [attribute(linkSchema, 'ext_mask', skipStatistics)],
  });
}

export function addressRequest(): Uint8Array {
  return plain(c.RTM_GETADDR, c.AF_UNSPEC);
}

export function ruleRequest(family: number): Uint8Array {
  return plain(c.RTM_GETRULE, family);
}

export function neighbourRequest(family: number): Uint8Array {
  return plain(c.RTM_GETNEIGH, family);
}

/** Routes of all tables, or only those that use an interface. */
export function routeRequest(family: number, ifindex?: number): Uint8Array {
  return encode({
    type: c.RTM_GETROUTE,
    flags: 0,
    seq: 0,
    pid: 0,
    header: { family },
    attributes: ifindex === undefined ? [] : [attribute(routeSchema, 'oif', ifindex)],
  });
}

function plain(type: number, family: number): Uint8Array {
  return encode({ type, flags: 0, seq: 0, pid: 0, header: { family }, attributes: [] });
}
