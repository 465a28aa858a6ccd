import { LinkFacts } from './mirror/link-facts.ts';
import type { LinkNames } from './text/link-names.ts';
import { Views } from './views.ts';
import * as c from './wire/constants.ts';
import { decode } from './wire/message.ts';

/** A message in one line, roughly as `ip monitor` names it, for `NODE_DEBUG=netconf:netlink`. */
export function describe(bytes: Uint8Array, links: LinkNames): string {
  const { type } = decode(bytes);
  const payload = Buffer.from(bytes.subarray(c.headerLength)).toString('latin1');
  const views = new Views({ names: links, linkFacts: new LinkFacts() });
  const print = (family: string, isRemoval: boolean, object: unknown) =>
    `[${family}]${isRemoval ? ' Deleted' : ''} ${JSON.stringify(object)}`;
  switch (type) {
    case c.RTM_NEWLINK:
    case c.RTM_DELLINK:
      return print('LINK', type === c.RTM_DELLINK, views.link(payload));
    case c.RTM_NEWADDR:
    case c.RTM_DELADDR:
      return print('ADDR', type === c.RTM_DELADDR, views.address(payload));
    case c.RTM_NEWROUTE:
    case c.RTM_DELROUTE:
      return print('ROUTE', type === c.RTM_DELROUTE, views.route(payload));
    case c.RTM_NEWRULE:
    case c.RTM_DELRULE:
      return print('RULE', type === c.RTM_DELRULE, views.rule(payload));
    case c.RTM_NEWNEIGH:
    case c.RTM_DELNEIGH:
      return print('NEIGH', type === c.RTM_DELNEIGH, views.neighbour(payload));
    default:
      return `[${type}] ${payload.length} bytes`;
  }
}
