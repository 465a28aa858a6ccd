// One page over the measure: start, overrun, resync and configuration are one path and stand together.
import { messageOf } from '../base/errors.ts';
import { debug, log } from '../base/log.ts';
import type { Bus } from '../bus/bus.ts';
import { describe } from './describe.ts';
import { Doubts } from './doubts.ts';
import type { Hearer, Kernel } from './kernel.ts';
import type { Memory } from './mirror/memory.ts';
import { Mirror } from './mirror/mirror.ts';
import { type Fact, Monitor } from './monitor.ts';
import { NetlinkKernel } from './netlink-kernel.ts';
import { Resync } from './resync.ts';
import { silentChanges } from './silent-changes.ts';
import { pause } from './slice.ts';
import { type NetlinkCounters, Status } from './status.ts';
import { Views } from './views.ts';
import { groups, RTM_NEWNDUSEROPT } from './wire/constants.ts';

export interface NetlinkOptions {
  bus: Bus;
  /** Bytes of notifications that may wait unread. @default 8 MiB, of which the kernel takes memory only for what waits */
  receiveBuffer?: number;
  /** Mirror neighbours and publish `neighbour.*`. @default false */
  neighbours?: boolean;
  /** Publish `ra.option`. @default false */
  routerOptions?: boolean;
  /** @default the kernel of this network namespace */
  kernel?: Kernel;
}

const defaultReceiveBuffer = 8 * 1024 * 1024;
/** Rounds of one resync, and the pauses in milliseconds before the next. */
const roundPauses = [20, 100, 400, 1000];
/** Milliseconds before another resync when one did not catch up with the storm. */
const calm = 1000;

/**
 * The netlink source: listens to the kernel, keeps the mirror, publishes what changes. Start, overrun and doubt are
 * one path: dump, compare with the mirror, publish the differences. Once started it keeps no timer and does not keep
 * the process alive.
 */
export class NetlinkSource implements Hearer {
  readonly status: Status;
  readonly #bus: Bus;
  readonly #kernel: Kernel;
  readonly #mirror: Mirror;
  readonly #monitor: Monitor;
  readonly #resync: Resync;
  readonly #doubts: Doubts;
  readonly #receiveBuffer: number;
  readonly #counters = { messages: 0, overruns: 0, resyncs: 0, truncated: 0, receiveBuffer: 0 };
  readonly #trace = debug('netlink');
  readonly #isTraced = this.#trace.enabled;
  #neighbours: boolean;
  readonly #routerOptions: boolean;
  #stopped = false;
  /** Notifications were lost that no dump has made good. */
  #lost: 'ENOBUFS' | 'truncated' | 'interrupted' | undefined;
  #recovering = false;
  /** Of the last resync, which is said once. */
  #failure: string | undefined;
  /** Since a loss the socket has not been empty: until then the kernel loses more without saying so again. */
  #full = false;
  #calmer: NodeJS.Timeout | undefined;
  /** Resolved when all that had arrived is delivered. */
  #whenDry: (() => void)[] = [];

  constructor(options: NetlinkOptions) {
    this.#bus = options.bus;
    this.#kernel = options.kernel ?? new NetlinkKernel();
    this.#receiveBuffer = options.receiveBuffer ?? defaultReceiveBuffer;
    this.#neighbours = options.neighbours ?? false;
    this.#routerOptions = options.routerOptions ?? false;
    const mirror: Mirror = new Mirror({
      link: (old, next, key) => {
        // What is told goes first: somebody may be waiting for it.
        this.#monitor.link(old, next);
        silent.link(old, next, Number(key));
      },
      address: (old, next) => {
        this.#monitor.address(old, next);
        silent.address(old, next);
      },
      rule: (old, next) => {
        this.#monitor.rule(old, next);
        silent.rule(old, next);
      },
      neighbour: (old, next) => this.#monitor.neighbour(old, next),
      route: (old, next, place, ifindex) => this.#monitor.route(old, next, place, ifindex),
      routerOption: payload => this.#monitor.routerOption(payload),
      doubtRoutes: (family, ifindex) => this.#doubts.routes(family, ifindex),
      doubtLink: ifindex => this.#doubts.link(ifindex),
      nextHop: () => this.#doubts.nextHops(),
    });
    const views = new Views(mirror);
    this.#mirror = mirror;
    this.#monitor = new Monitor(this.#bus, mirror, views);
    this.#resync = new Resync(this.#kernel, mirror);
    this.#doubts = new Doubts(this.#resync, mirror, () => this.#again());
    const silent = silentChanges(this.#doubts, mirror);
    this.status = new Status(mirror, views, () => this.#count());
  }

  /**
   * Listens, dumps, and publishes what there is as replayed events. Rejects with {@link NetconfError} when the kernel
   * gives no socket or no dump; resolves early when it is stopped meanwhile.
   */
  async start(): Promise<void> {
    const { link, ipv4Address, ipv6Address, ipv4Route, ipv6Route, ipv4Rule, ipv6Rule, nexthop } = groups;
    const joined: number[] = [
      link,
      ipv4Address,
      ipv6Address,
      ipv4Route,
      ipv6Route,
      ipv4Rule,
      ipv6Rule,
      nexthop,
    ];
    if (this.#neighbours) joined.push(groups.neighbour);
    if (this.#routerOptions) joined.push(groups.routerOption);
    try {
      this.#counters.receiveBuffer = this.#kernel.listen(joined, this.#receiveBuffer, this);
      await this.#rounds();
    } catch (error) {
      if (this.#stopped) return;
      this.stop();
      throw error;
    }
    if (this.#stopped) return;
    for (const { name, fields } of this.replay()) this.#bus.publish(name, fields as never);
    this.#monitor.live = true;
    this.#again();
  }

  /** Closes the descriptors and ends timers and waiting requests. Cannot be started again. */
  stop(): void {
    this.#stopped = true;
    this.#monitor.live = false;
    this.#doubts.stop();
    clearTimeout(this.#calmer);
    this.#kernel.close();
    for (const resolve of this.#whenDry.splice(0)) resolve();
  }

  /** Turns neighbours and router options on or off. What neighbours there are is published as added or removed. */
  async configure(options: { neighbours: boolean; routerOptions: boolean }): Promise<void> {
    this.#kernel.subscribe(groups.routerOption, options.routerOptions);
    if (options.neighbours === this.#neighbours) return;
    this.#neighbours = options.neighbours;
    this.#kernel.subscribe(groups.neighbour, options.neighbours);
    if (options.neighbours) await this.#resync.neighbours();
    else for (const key of this.#mirror.neighbours.keys()) this.#mirror.neighbours.remove(key);
  }

  /** The facts of `start` for a late subscriber, as they are now; nothing is published. */
  replay(): Iterable<Fact> {
    return this.#monitor.replay();
  }

  message(memory: Memory, at: number, end: number): void {
    this.#counters.messages++;
    // The mirror has missed something: the resync to come tells what is different in good order, links first. What a
    // router advertised it cannot tell.
    if (this.#lost !== undefined && memory.halves[(at + 4) >> 1] !== RTM_NEWNDUSEROPT) return;
    if (this.#isTraced) this.#trace(describe(memory.bytes.subarray(at, end), this.#mirror.names));
    try {
      this.#mirror.notify(memory, at, end);
    } catch (error) {
      // A message that cannot be taken in must not end the daemon: the kernel is asked instead.
      log('netlink').error(`a notification: ${messageOf(error)}`);
      this.lost('truncated');
    }
  }

  lost(reason: 'ENOBUFS' | 'truncated'): void {
    if (reason === 'truncated') this.#counters.truncated++;
    this.#full = true;
    this.#lose(reason);
  }

  dry(): void {
    this.#full = false;
    for (const resolve of this.#whenDry.splice(0)) resolve();
    if (this.#lost && !this.#recovering && this.#monitor.live) this.#recoverLater(0);
  }

  #lose(reason: 'ENOBUFS' | 'truncated' | 'interrupted'): void {
    this.#counters.overruns++;
    // Losses during a resync are made good by one more round of it.
    if (this.#lost === undefined && !this.#recovering && this.#monitor.live) {
      this.#bus.publish('netlink.overrun', { source: 'netlink', data: { reason } });
    }
    this.#lost = reason;
  }

  #recoverLater(ms: number): void {
    if (this.#recovering || this.#stopped) return;
    this.#recovering = true;
    clearTimeout(this.#calmer);
    this.#calmer = setTimeout(() => this.#recover(), ms);
  }

  async #recover(): Promise<void> {
    const begin = performance.now();
    try {
      const differences = await this.#monitor.holding(() => this.#rounds());
      if (this.#stopped) return;
      this.#failure = undefined;
      const ms = Math.round(performance.now() - begin);
      this.#bus.publish('netlink.resynced', { source: 'netlink', data: { ...differences, ms } });
    } catch (error) {
      if (this.#stopped) return;
      if (this.#failure !== messageOf(error)) log('netlink').error(`resync: ${messageOf(error)}`);
      this.#failure = messageOf(error);
      this.#lost ??= 'interrupted';
    }
    this.#recovering = false;
    this.#again();
  }

  /** Compares all once more after a while, where something that was lost has not been made good. */
  #again(): void {
    if (this.#recovering || this.#stopped || !this.#monitor.live) return;
    const reason = this.#lost ?? (this.#resync.unsure ? 'interrupted' : undefined);
    if (reason === undefined) return;
    this.#lost = undefined;
    this.#resync.unsure = false;
    clearTimeout(this.#calmer);
    this.#calmer = setTimeout(() => {
      this.#lose(reason);
      this.#recoverLater(0);
    }, calm).unref();
  }

  /** Compares all with the kernel, again while notifications get lost meanwhile, a few times at most. */
  async #rounds(): Promise<{ added: number; changed: number; removed: number }> {
    const total = { added: 0, changed: 0, removed: 0 };
    for (let round = 0; !this.#stopped; round++) {
      this.#lost = undefined;
      this.#resync.unsure = false;
      this.#counters.resyncs++;
      const differences = await this.#resync.all(this.#neighbours);
      total.added += differences.added;
      total.changed += differences.changed;
      total.removed += differences.removed;
      if (this.#lost === undefined || round === roundPauses.length) break;
      if (this.#full) await this.#emptied();
      await pause(roundPauses[round]!);
    }
    return total;
  }

  #emptied(): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, calm);
      this.#whenDry.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #count(): NetlinkCounters {
    const { links, addresses, routes, rules, neighbours } = this.#mirror;
    return {
      ...this.#counters,
      dumps: this.#resync.dumps,
      unknown: this.#mirror.unknown,
      links: links.size,
      addresses: addresses.size,
      routes: routes.size,
      rules: rules.size,
      neighbours: neighbours.size,
    };
  }
}
