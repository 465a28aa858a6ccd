// Long because a dump, its comparison and its repetitions hang together: five kinds of objects, one path.
import { addressRequest, linkRequest, neighbourRequest, routeRequest, ruleRequest } from './dump-requests.ts';
import { NetlinkError } from './errors.ts';
import type { Kernel } from './kernel.ts';
import { addressKey, linkKey, neighbourKey, ruleKey } from './mirror/identity.ts';
import { type Memory, type Payload, payloadOf } from './mirror/memory.ts';
import { indexOf, type Mirror } from './mirror/mirror.ts';
import type { Objects } from './mirror/objects.ts';
import { type Differences, RouteComparison } from './route-comparison.ts';
import { pause, Slice } from './slice.ts';
import {
  AF_INET,
  AF_INET6,
  headerLength,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWNEIGH,
  RTM_NEWROUTE,
  RTM_NEWRULE,
} from './wire/constants.ts';

/** Pauses in milliseconds before an interrupted dump is tried again; after the last it is taken as it is. */
const pauses = [5, 20, 80];

/**
 * Dumps, compares with the mirror and lets the mirror tell the differences: the one path for start, overrun and
 * doubt. Notifications go on meanwhile; what they touch during a dump the dump does not overrule, because each later
 * change is still to come as a notification of its own.
 */
export class Resync {
  readonly #kernel: Kernel;
  readonly #mirror: Mirror;
  #last: Promise<unknown> = Promise.resolve();
  /** Dumps done. */
  dumps = 0;
  /** A dump failed, or was interrupted on every try: all must be asked for again later. */
  unsure = false;

  constructor(kernel: Kernel, mirror: Mirror) {
    this.#kernel = kernel;
    this.#mirror = mirror;
  }

  /** Everything, links first: what is on them is named by them. */
  async all(neighbours: boolean): Promise<Differences> {
    const total = { added: 0, changed: 0, removed: 0 };
    const add = (more: Differences) => {
      total.added += more.added;
      total.changed += more.changed;
      total.removed += more.removed;
    };
    add(await this.links());
    add(await this.addresses());
    add(await this.rules());
    for (const family of [AF_INET, AF_INET6]) add(await this.routes(family));
    if (neighbours) add(await this.neighbours());
    return total;
  }

  links(): Promise<Differences> {
    const mirror = this.#mirror;
    return this.#objects(mirror.links, [linkRequest()], RTM_NEWLINK, payload =>
      mirror.putLink(payload, 'compare'),
    );
  }

  addresses(): Promise<Differences> {
    // An address of a link that came after links were dumped: notifications tell both, the link first.
    const keyOf = (payload: Payload) =>
      this.#mirror.names.has(indexOf(payload)) ? addressKey(payload) : undefined;
    return this.#keyed(this.#mirror.addresses, [addressRequest()], RTM_NEWADDR, keyOf);
  }

  rules(): Promise<Differences> {
    return this.#keyed(this.#mirror.rules, [AF_INET, AF_INET6].map(ruleRequest), RTM_NEWRULE, ruleKey);
  }

  neighbours(): Promise<Differences> {
    const requests = [AF_INET, AF_INET6].map(neighbourRequest);
    return this.#keyed(this.#mirror.neighbours, requests, RTM_NEWNEIGH, neighbourKey);
  }

  /** One link, for a message that told only a part of it. */
  link(ifindex: number): Promise<void> {
    return this.#inTurn(async () => {
      try {
        await this.#kernel.request(linkRequest(ifindex), false, (memory, at, end) => {
          if (isType(memory, at, RTM_NEWLINK)) {
            this.#mirror.putLink(payloadOf(memory, at + headerLength, end), 'compare');
          }
        });
      } catch (error) {
        if (!isGone(error)) throw error;
        this.#mirror.removeLink(linkKey(ifindex));
      }
    });
  }

  /** The routes of a family, or only those that use an interface (which may be gone). */
  routes(family: number, ifindex?: number): Promise<Differences> {
    return this.#inTurn(async () => {
      const comparison = new RouteComparison(this.#mirror, family, ifindex);
      const take = (memory: Memory, at: number, end: number) => {
        if (isType(memory, at, RTM_NEWROUTE)) comparison.take(memory, at + headerLength, end);
      };
      try {
        await this.#dump([routeRequest(family, ifindex)], take, () => comparison.flush());
        await comparison.finish();
        return comparison.differences;
      } finally {
        comparison.end();
      }
    });
  }

  #keyed(
    objects: Objects,
    requests: Uint8Array[],
    type: number,
    keyOf: (payload: Payload) => string | undefined,
  ): Promise<Differences> {
    return this.#objects(objects, requests, type, payload => {
      const key = keyOf(payload);
      if (key === undefined) return undefined;
      return { key, outcome: objects.compare(key, payload) };
    });
  }

  #objects(
    objects: Objects,
    requests: Uint8Array[],
    type: number,
    put: (payload: Payload) => { key: string; outcome: 'added' | 'changed' | 'same' } | undefined,
  ): Promise<Differences> {
    return this.#inTurn(async () => {
      const differences = { added: 0, changed: 0, removed: 0 };
      const touched = new Set<string>();
      objects.touched = touched;
      const seen = new Set<string>();
      try {
        await this.#dump(requests, (memory, at, end) => {
          if (!isType(memory, at, type)) return;
          const result = put(payloadOf(memory, at + headerLength, end));
          if (result === undefined) return;
          seen.add(result.key);
          if (result.outcome !== 'same') differences[result.outcome]++;
        });
        const slice = new Slice();
        for (const key of objects.keys()) {
          if (slice.over) await slice.next();
          if (seen.has(key) || touched.has(key)) continue;
          if (objects === this.#mirror.links) differences.removed += this.#mirror.removeLink(key);
          else if (objects.remove(key)) differences.removed++;
        }
        return differences;
      } finally {
        objects.touched = undefined;
      }
    });
  }

  /** Dumps, again where what was dumped changed meanwhile: what a try gave is compared each time. */
  async #dump(
    requests: Uint8Array[],
    take: (memory: Memory, at: number, end: number) => void,
    tried = () => {},
  ): Promise<void> {
    for (const request of requests) {
      for (let attempt = 0; ; attempt++) {
        this.dumps++;
        let interrupted = false;
        try {
          ({ interrupted } = await this.#kernel.request(request, true, take));
        } catch (error) {
          // A filter for an interface that is gone: nothing uses it. A family that the kernel does not have: nothing.
          if (!isGone(error)) throw error;
        }
        tried();
        if (!interrupted) break;
        if (attempt === pauses.length) {
          this.unsure = true;
          break;
        }
        await pause(pauses[attempt]!);
      }
    }
  }

  /** One after the other, because each has a set of touched objects of its own. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}

function isType(memory: Memory, at: number, type: number): boolean {
  return memory.halves[(at + 4) >> 1] === type;
}

function isGone(error: unknown): boolean {
  return error instanceof NetlinkError && gone.has(error.errnoName);
}

const gone = new Set(['ENODEV', 'ENOENT', 'EAFNOSUPPORT', 'EOPNOTSUPP']);
