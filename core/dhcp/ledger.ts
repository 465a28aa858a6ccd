import type { DhcpReport, Lease, LeasedAddress, LeasedPrefix, LeaseFamily } from '../bus/lease.ts';
import type { Fact } from './clients/client.ts';
import type { Told } from './read.ts';

/** Leases that are remembered; the oldest goes first. */
const most = 4096;

const holding: ReadonlySet<Fact> = new Set(['bound', 'renewed', 'rebound', 'rebooted']);

/** `dhclient -r` and `-x` tell what another process of theirs held. */
const ending: ReadonlySet<Fact> = new Set(['released', 'stopped']);

/** What is held, and where it is kept over a restart. */
export interface Keeper {
  keep(on: string, family: LeaseFamily, lease: Lease | undefined): void;
}

/**
 * What each interface holds, by family. A record tells what has changed; the ledger makes of it what is held now and was
 * held before: dhclient tells of its DHCPv6 addresses one by one, udhcpc of no lease that it has lost.
 */
export class Ledger {
  readonly #leases = new Map<string, { on: string; family: LeaseFamily; lease: Lease }>();
  readonly #keeper: Keeper;

  constructor(keeper: Keeper) {
    this.#keeper = keeper;
  }

  *all(): Iterable<{ on: string; family: LeaseFamily; lease: Lease }> {
    yield* this.#leases.values();
  }

  of(on: string, family: LeaseFamily): Lease | undefined {
    return this.#leases.get(keyOf(on, family))?.lease;
  }

  /** Takes a lease that was kept by an earlier process. */
  restore(on: string, lease: Lease): void {
    this.#leases.set(keyOf(on, lease.family), { on, family: lease.family, lease });
  }

  /** Takes what a client told. Returns the event's name and what it carries. */
  take(told: Told): { name: `dhcp.${Fact}`; report: DhcpReport } {
    const { interface: on, family, client, reason, pid, now, before, refused } = told;
    const held = this.of(on, family);
    let { fact } = told;
    let lease: Lease | undefined;
    if (holding.has(fact))
      lease = now === undefined ? held : family === 'inet' ? now : joined(held, now, before);
    else if (fact === 'preinit' && reason === 'deconfig' && held !== undefined && held.pid === pid) {
      // udhcpc says the same when it begins and when it has lost its lease.
      fact = 'expired';
    } else if (fact === 'preinit') lease = held;
    else if (family === 'inet6') lease = reduced(held, before ?? now);
    // Facts of a client that another has taken the interface from, such as the end of the one that was replaced.
    const foreign = pid !== undefined && held?.pid !== undefined && held.pid !== pid;
    if (foreign && !holding.has(fact) && !ending.has(fact)) lease = held;
    const old = before !== undefined && held === undefined ? before : held;
    this.#set(on, family, lease);
    const report: DhcpReport = {
      family,
      client,
      reason,
      ...(pid !== undefined && { pid }),
      ...(lease !== undefined && { lease }),
      ...(old !== undefined && fact !== 'preinit' && { old }),
      ...(refused.length > 0 && { refused }),
    };
    return { name: `dhcp.${fact}`, report };
  }

  /** The link is gone, and all it held with it. */
  forget(on: string): void {
    this.#set(on, 'inet', undefined);
    this.#set(on, 'inet6', undefined);
  }

  #set(on: string, family: LeaseFamily, lease: Lease | undefined): void {
    const key = keyOf(on, family);
    const held = this.#leases.get(key)?.lease;
    if (held === lease) return;
    this.#leases.delete(key);
    if (lease !== undefined) {
      this.#leases.set(key, { on, family, lease });
      const [oldest] = this.#leases.values();
      if (this.#leases.size > most && oldest !== undefined) this.#set(oldest.on, oldest.family, undefined);
    }
    this.#keeper.keep(on, family, lease);
  }
}

const keyOf = (on: string, family: LeaseFamily) => `${on} ${family}`;

/** What was held, without what it is told to have been, with what is new. */
function joined(held: Lease | undefined, now: Lease, before: Lease | undefined): Lease {
  if (held === undefined || held.client !== now.client || held.pid !== now.pid) return now;
  const addresses = merged<LeasedAddress>(
    held.addresses,
    before?.addresses,
    now.addresses,
    each => each.address,
  );
  const prefixes = merged<LeasedPrefix>(held.prefixes, before?.prefixes, now.prefixes, each => each.prefix);
  return { ...now, ...(addresses && { addresses }), ...(prefixes && { prefixes }) };
}

/** What is left of what was held when some of it is gone; when it is not said what, nothing. */
function reduced(held: Lease | undefined, gone: Lease | undefined): Lease | undefined {
  if (held === undefined || gone === undefined) return undefined;
  const { addresses: _, prefixes: __, ...rest } = held;
  const addresses = merged<LeasedAddress>(held.addresses, gone.addresses, [], each => each.address);
  const prefixes = merged<LeasedPrefix>(held.prefixes, gone.prefixes, [], each => each.prefix);
  if (addresses === undefined && prefixes === undefined) return undefined;
  return { ...rest, ...(addresses && { addresses }), ...(prefixes && { prefixes }) };
}

function merged<T>(
  held: readonly T[] = [],
  gone: readonly T[] = [],
  come: readonly T[] = [],
  keyOf: (each: T) => string,
): T[] | undefined {
  const all = new Map(held.map(each => [keyOf(each), each]));
  for (const each of gone) all.delete(keyOf(each));
  for (const each of come) all.set(keyOf(each), each);
  return all.size === 0 ? undefined : [...all.values()].slice(0, 64);
}
