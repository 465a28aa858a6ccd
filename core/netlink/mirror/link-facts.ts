import type { Link } from '../../bus/objects.ts';
import { linkObject } from '../text/link.ts';
import type { LinkNames } from '../text/link-names.ts';
import { RTM_NEWLINK } from '../wire/constants.ts';
import { decodePayload, type Message } from '../wire/message.ts';
import { stableLinkObject } from './identity.ts';
import { changedLink } from './link-difference.ts';
import { bytesOfPayload, type Payload } from './memory.ts';

/** Messages that are remembered: the latest, and what it is compared with. */
const remembered = 64;

/** What is worked out of one message about a link, each thing when it is first wanted. */
class Facts {
  #message: Message | undefined;
  readonly #payload: Payload;
  #otherwise: string | undefined;
  #link: Link | undefined;
  #names = -1;
  #ups = -1;

  constructor(payload: Payload) {
    this.#payload = payload;
  }

  get message(): Message {
    this.#message ??= decodePayload(RTM_NEWLINK, bytesOfPayload(this.#payload));
    return this.#message;
  }

  /** What of it has no event of its own, and counts as a change when it differs. */
  get otherwise(): string {
    if (this.#otherwise === undefined) {
      const link = stableLinkObject(this.message);
      const flags = (link.flags as string[]).filter(flag => !ofOtherEvents.has(flag));
      this.#otherwise = JSON.stringify({ ...link, ifname: '', flags });
    }
    return this.#otherwise;
  }

  /** What `link` last said. */
  get told(): Link | undefined {
    return this.#link;
  }

  /** `ip -d -j link`. Shared by all who look, so nobody can change it. `before`: the message before, if any. */
  link(names: LinkNames, before?: Facts): Link {
    if (this.#link === undefined || this.#names !== names.version || this.#ups !== names.upVersion) {
      const known = before !== undefined && before.#names === names.version ? before.#link : undefined;
      const changed = known && before && changedLink(known, before.#payload, this.#payload, names);
      this.#link = Object.freeze(changed ?? linkObject(this.message, names));
      Object.freeze(this.#link.flags);
      this.#names = names.version;
      this.#ups = names.upVersion;
    }
    return this.#link;
  }
}

const ofOtherEvents = new Set(['UP', 'LOWER_UP', 'NO-CARRIER']);

/**
 * The facts of the latest messages about links. One event looks at the old and the new message of a link several times,
 * and the new one is the old one of the next event: each is decoded once.
 */
export class LinkFacts {
  readonly #known = new Map<Payload, Facts>();

  of(payload: Payload): Facts {
    let facts = this.#known.get(payload);
    if (facts === undefined) {
      facts = new Facts(payload);
      if (this.#known.size >= remembered) this.#known.delete(this.#known.keys().next().value!);
      this.#known.set(payload, facts);
    }
    return facts;
  }
}
