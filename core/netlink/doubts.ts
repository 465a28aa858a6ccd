import { messageOf } from '../base/errors.ts';
import { log } from '../base/log.ts';
import type { Mirror } from './mirror/mirror.ts';
import { RouteScan } from './mirror/route-scan.ts';
import type { Resync } from './resync.ts';
import { Slice } from './slice.ts';
import { AF_INET, AF_INET6 } from './wire/constants.ts';

/** Milliseconds from a doubt to asking, so that those of one change are asked about together. */
const delay = 10;
/** From so many interfaces on one dump of all is cheaper than one for each. */
const many = 8;
/** The longest pause between two rounds while doubts keep coming. */
const longest = 1000;

/**
 * What the kernel changes without a message, or with one that leaves something open (the routes of a link that goes
 * down, the flags of hops, a hop of an IPv6 route): noted here and asked for soon, together, one dump in flight at a
 * time, with growing pauses while it goes on.
 */
export class Doubts {
  readonly #resync: Resync;
  readonly #mirror: Mirror;
  readonly #unsure: () => void;
  readonly #links = new Set<number>();
  readonly #routes = new Map<number, Set<number>>();
  readonly #sources = new Set<string>();
  #rules = false;
  #nextHops = false;
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  #pause = delay;
  #stopped = false;

  /** `unsure`: the kernel gave no answer that can be relied on. */
  constructor(resync: Resync, mirror: Mirror, unsure: () => void) {
    this.#resync = resync;
    this.#mirror = mirror;
    this.#unsure = unsure;
  }

  link(ifindex: number): void {
    this.#links.add(ifindex);
    this.#arm();
  }

  /** Routes of a family that use this interface. */
  routes(family: number, ifindex: number): void {
    const indices = this.#routes.get(family) ?? new Set();
    indices.add(ifindex);
    this.#routes.set(family, indices);
    this.#arm();
  }

  /** Routes with this preferred source address, as the bytes of the address. */
  source(address: string): void {
    this.#sources.add(address);
    this.#arm();
  }

  rules(): void {
    this.#rules = true;
    this.#arm();
  }

  nextHops(): void {
    this.#nextHops = true;
    this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#running || this.#stopped) return;
    this.#timer = setTimeout(() => this.#run(), this.#pause);
  }

  async #run(): Promise<void> {
    this.#timer = undefined;
    this.#running = true;
    try {
      await this.#ask();
    } catch (error) {
      if (this.#stopped) return;
      log('netlink').warning(`asking the kernel again: ${messageOf(error)}`);
      this.#resync.unsure = true;
    }
    if (this.#resync.unsure) this.#unsure();
    this.#running = false;
    const more =
      this.#links.size + this.#routes.size + this.#sources.size > 0 || this.#rules || this.#nextHops;
    this.#pause = more ? Math.min(this.#pause * 2, longest) : delay;
    if (more) this.#arm();
  }

  async #ask(): Promise<void> {
    // The kernel answers at once, so that waiting for many answers alone does not let the loop run.
    const slice = new Slice();
    for (const ifindex of drain(this.#links)) {
      if (slice.over) await slice.next();
      await this.#resync.link(ifindex);
    }
    if (this.#rules) {
      this.#rules = false;
      await this.#resync.rules();
    }
    await this.#find();
    const routes = [...this.#routes];
    this.#routes.clear();
    for (const [family, indices] of routes) {
      // 0: routes without an interface can only be asked for together with all others.
      if (indices.has(0) || indices.size > many) await this.#resync.routes(family);
      else for (const ifindex of indices) await this.#resync.routes(family, ifindex);
    }
  }

  /** Finds routes by what no dump can be asked for: preferred source, nexthop object. */
  async #find(): Promise<void> {
    const sources = new Set(drain(this.#sources));
    const nextHops = this.#nextHops;
    this.#nextHops = false;
    if (sources.size === 0 && !nextHops) return;
    const slice = new Slice();
    const found = new Set<string>();
    for (const payload of this.#mirror.routes) {
      if (slice.over) await slice.next();
      if (!scan.load(payload)) continue;
      if (nextHops && scan.nhid !== 0) found.add(`${scan.family} 0`);
      if (sources.size > 0 && sources.has(scan.address(scan.prefsrc))) {
        found.add(`${scan.family} ${scan.ifindex}`);
      }
    }
    for (const family of [AF_INET, AF_INET6]) {
      for (const entry of found) {
        const [of, ifindex] = entry.split(' ').map(Number);
        if (of === family) this.routes(family, ifindex!);
      }
    }
  }
}

const scan = new RouteScan();

function drain<T>(set: Set<T>): T[] {
  const all = [...set];
  set.clear();
  return all;
}
