import type { Address, Link, Neighbour, Route, Rule } from '../bus/objects.ts';
import { bytesOfPayload, type Payload } from './mirror/memory.ts';
import { addressObject } from './text/address.ts';
import { linkObject } from './text/link.ts';
import type { LinkNames } from './text/link-names.ts';
import { neighbourObject } from './text/neighbour.ts';
import { routeObject } from './text/route.ts';
import { ruleObject } from './text/rule.ts';
import { RTM_NEWADDR, RTM_NEWLINK, RTM_NEWNEIGH, RTM_NEWROUTE, RTM_NEWRULE } from './wire/constants.ts';
import { decodePayload } from './wire/message.ts';

/** Kept messages in the shapes of `ip -j`. `age`: seconds since the message came, where life times count down. */
export class Views {
  readonly #links: LinkNames;

  constructor(links: LinkNames) {
    this.#links = links;
  }

  link(payload: Payload): Link {
    return linkObject(decodePayload(RTM_NEWLINK, bytesOfPayload(payload)), this.#links);
  }

  address(payload: Payload, age = 0): Address {
    return addressObject(decodePayload(RTM_NEWADDR, bytesOfPayload(payload)), this.#links, age);
  }

  route(payload: Payload, age = 0): Route {
    return routeObject(decodePayload(RTM_NEWROUTE, bytesOfPayload(payload)), this.#links, age);
  }

  rule(payload: Payload): Rule {
    return ruleObject(decodePayload(RTM_NEWRULE, bytesOfPayload(payload)));
  }

  neighbour(payload: Payload): Neighbour {
    return neighbourObject(decodePayload(RTM_NEWNEIGH, bytesOfPayload(payload)), this.#links);
  }
}
