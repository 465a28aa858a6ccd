import type { Address, Link, Neighbour, Route, Rule } from '../bus/objects.ts';
import type { LinkFacts } from './mirror/link-facts.ts';
import { bytesOfPayload, type Payload } from './mirror/memory.ts';
import type { Mirror } from './mirror/mirror.ts';
import { addressObject } from './text/address.ts';
import type { LinkNames } from './text/link-names.ts';
import { neighbourObject } from './text/neighbour.ts';
import { routeObject } from './text/route.ts';
import { ruleObject } from './text/rule.ts';
import { RTM_NEWADDR, RTM_NEWNEIGH, RTM_NEWROUTE, RTM_NEWRULE } from './wire/constants.ts';
import { decodePayload } from './wire/message.ts';

/** Kept messages in the shapes of `ip -j`. `age`: seconds since the message came, where life times count down. */
export class Views {
  readonly #links: LinkNames;
  readonly #facts: LinkFacts;

  constructor({ names, linkFacts }: Pick<Mirror, 'names' | 'linkFacts'>) {
    this.#links = names;
    this.#facts = linkFacts;
  }

  /** `before`: what the kernel said of it the time before, where that is at hand. */
  link(payload: Payload, before?: Payload): Link {
    return this.#facts
      .of(payload)
      .link(this.#links, before === undefined ? undefined : this.#facts.of(before));
  }

  /** As it was last shown, by the names of then: the old state of a change. */
  linkAsTold(payload: Payload): Link {
    return this.#facts.of(payload).told ?? this.link(payload);
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
