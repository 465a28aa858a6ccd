// Over 250 lines: the one place that knows all of an applied plugin.
import { Deadlines } from '../base/deadline.ts';
import { messageOf, NetconfError, placeOf } from '../base/errors.ts';
import { log } from '../base/log.ts';
import { UndoStack } from '../base/undo.ts';
import { checkEventName, checkInterfaceName, checkThirdPartyName } from '../bus/catalogue.ts';
import { type Event, familyOf } from '../bus/event.ts';
import type { PluginReport } from '../control/api.ts';
import type { Configured } from './configured.ts';
import type { Netconf, Plugin } from './contract.ts';
import type { Candidate } from './discover.ts';
import { Failures } from './failures.ts';
import { Guard } from './guard.ts';
import { HookPoints, tapDeadlines } from './hook-points.ts';
import type { GatheredHook } from './hooks.ts';
import type { HostParts } from './host-parts.ts';
import { knowledgeFor } from './knowledge-for.ts';
import { loadDeadline, within } from './load.ts';
import { plain } from './plain.ts';
import { logOf } from './plugin-log.ts';
import { programsFor } from './programs-for.ts';

/** One applied plugin: all that it registered hangs on its undo stack. */
interface Applied {
  plugin: Plugin;
  candidate: Candidate;
  guard: Guard;
  undos: UndoStack;
  listeners: { on: string; deliver: (event: Event) => void }[];
  ms: number;
}

/**
 * The host of plugins: gives each its narrow view of the daemon, enters its code through one guard, counts its
 * failures, and takes back all that it registered.
 */
export class Host {
  readonly hooks: HookPoints;
  readonly #parts: HostParts;
  readonly #applied = new Map<string, Applied>();
  readonly #failures = new Failures();
  #families: ReadonlySet<string> | undefined;
  readonly #listenerDeadlines: Deadlines;

  constructor(parts: HostParts) {
    this.#parts = parts;
    const deadlines = parts.deadlines ?? tapDeadlines;
    this.#listenerDeadlines = new Deadlines(deadlines.tap);
    this.hooks = new HookPoints((guard, where, error) => this.fail(guard.owner, where, error), deadlines);
  }

  /** Families that loaded plugins reserve. */
  get families(): ReadonlySet<string> {
    this.#families ??= new Set([...this.#applied.values()].flatMap(({ plugin }) => plugin.events ?? []));
    return this.#families;
  }

  /** Behind the sources, and before the plugins that make something of what they say. */
  addConfigured(configured: Configured): void {
    const { stanzas } = this.hooks.viewFor(new Guard('netconf', this.#parts.record), () => undefined);
    stanzas.tap({ name: 'configuration', stage: 5 }, known => configured.beneathAll(known));
  }

  has(name: string): boolean {
    return this.#applied.has(name);
  }

  /** Names of the applied plugins that need this one. */
  dependents(name: string): string[] {
    return [...this.#applied.values()]
      .filter(({ plugin }) => plugin.needs?.includes(name))
      .map(({ plugin }) => plugin.name);
  }

  /**
   * Applies an imported plugin with its checked options; with `late` it then gets `ready` and the replay of what exists
   * already. Resolves to the milliseconds that it took. A failure is thrown, and what it had registered taken back.
   */
  async apply(plugin: Plugin, candidate: Candidate, options: unknown, late: boolean): Promise<number> {
    const started = performance.now();
    const guard = new Guard(plugin.name, this.#parts.record);
    const applied: Applied = { plugin, candidate, guard, undos: new UndoStack(), listeners: [], ms: 0 };
    this.#failures.forget(plugin.name);
    this.#applied.set(plugin.name, applied);
    this.#families = undefined;
    const outer = this.#parts.record.set(this.#parts.record.slotOf(plugin.name));
    let pending: void | Promise<void>;
    try {
      try {
        pending = plugin.apply(this.#view(applied, options));
      } finally {
        this.#parts.record.set(outer);
      }
      await within(loadDeadline, 'apply', pending);
      applied.ms = Math.round((performance.now() - started) * 10) / 10;
      if (late) await this.#catchUp(applied);
      const { lastFailure = 'a plugin that it needs was' } = this.#failures.of(plugin.name);
      if (!guard.live) throw new NetconfError('Disabled', `disabled while it was loading: ${lastFailure}`);
      return applied.ms;
    } catch (error) {
      this.remove(plugin.name);
      throw error;
    }
  }

  /** Keeps a plugin on record while its code is loaded: code outside all functions can loop for ever, too. */
  async onRecord<T>(name: string, work: () => Promise<T>): Promise<T> {
    const { record } = this.#parts;
    const outer = record.set(record.slotOf(name));
    try {
      return await work();
    } finally {
      record.set(outer);
    }
  }

  /** Takes back all that a plugin registered; its code does nothing more. False when it is not applied. */
  remove(name: string): boolean {
    const applied = this.#applied.get(name);
    if (applied === undefined) return false;
    this.#applied.delete(name);
    this.#families = undefined;
    applied.guard.kill();
    for (const error of applied.undos.run()) log(name).error(`unloading: ${messageOf(error)}`);
    return true;
  }

  /** Counts a failure of a plugin, publishes it, and asks to disable one that keeps failing. */
  fail(owner: string, where: string, error: unknown, cause?: Event): void {
    const message = messageOf(error);
    const place = placeOf(error);
    const tooMany = this.#failures.add(owner, `${where}: ${message}`);
    const disabled = tooMany !== undefined && this.has(owner);
    log(owner).error(
      `${where}: ${message}${place === undefined || message.includes(place) ? '' : ` (${place})`}`,
    );
    try {
      this.#parts.bus.publish('plugin.failed', {
        source: 'daemon',
        cause,
        interface: cause?.interface,
        data: { plugin: owner, where, message, place, ...(disabled && { disabled: true as const }) },
      });
    } catch (refusal) {
      log(owner).error(`plugin.failed: ${messageOf(refusal)}`);
    }
    if (disabled) this.#parts.onDisable(owner, tooMany);
  }

  /** Plugins that listen to an event, in order. */
  listenersOf(event: string): { plugin: string; on: string }[] {
    return [...this.#applied.values()].flatMap(({ plugin, listeners }) =>
      listeners.filter(({ on }) => on === event || on === '*').map(({ on }) => ({ plugin: plugin.name, on })),
    );
  }

  reports(): PluginReport[] {
    const taps = this.hooks.taps();
    return [...this.#applied.values()].map(({ plugin, candidate, listeners, ms }) => ({
      ...this.reportOf(plugin, candidate),
      state: 'loaded',
      taps: taps
        .filter(tap => tap.plugin === plugin.name)
        .map(({ hook, label, plugin }) => (label === plugin ? hook : `${hook} (${label})`)),
      listeners: listeners.map(({ on }) => on),
      ms,
    }));
  }

  /** What is known of a plugin whether it is applied or not. */
  reportOf(plugin: Partial<Plugin>, { name, file, version }: Candidate): Omit<PluginReport, 'state'> {
    return {
      name,
      version: plugin.version ?? version,
      file,
      needs: [...(plugin.needs ?? [])],
      events: [...(plugin.events ?? [])],
      taps: [],
      listeners: [],
      ...this.#failures.of(name),
      ms: 0,
    };
  }

  async #catchUp(applied: Applied): Promise<void> {
    await this.hooks.callOwned('ready', applied.plugin.name);
    for (const event of this.#parts.replay()) {
      for (const { on, deliver } of [...applied.listeners]) {
        if (on === '*' || on === event.name) deliver(event);
      }
    }
  }

  #view(applied: Applied, options: unknown): Netconf {
    const { plugin, guard, undos } = applied;
    const whileLive = (undo: () => void) => {
      if (guard.live) undos.push(undo);
    };
    const parts = this.#parts;
    return {
      name: plugin.name,
      options,
      observe: parts.observe,
      get paths() {
        return parts.paths();
      },
      ...programsFor(guard, this.#parts),
      ...knowledgeFor(guard, this.#parts, this.hooks),
      operate: async (request, on, options = {}) => {
        if (!guard.live) throw new NetconfError('Disabled', `the plugin ${plugin.name} is unloaded`);
        checkInterfaceName(request, on);
        return this.#parts.operate(plugin.name, request, on, options);
      },
      log: logOf(plugin.name, guard),
      hooks: this.hooks.viewFor(guard, whileLive),
      on: (name, listener) => {
        if (typeof listener !== 'function') throw new TypeError(`the listener of ${name} must be a function`);
        if (!guard.live) return () => undefined;
        return this.#listen(applied, name, listener as (event: Event) => unknown);
      },
      emit: (name, data, { interface: on, cause } = {}) => {
        this.#checkEmit(plugin, name);
        if (on !== undefined) checkInterfaceName(name, on);
        const source = `plugin:${plugin.name}` as const;
        const ifindex = on === undefined ? undefined : this.#parts.indexOf(on);
        const fields = { source, interface: on, ifindex, cause, data: plain(name, data) as never };
        return (guard.live ? parts.bus.publish(name, fields) : parts.bus.create(name, fields)) as never;
      },
      watch: (name, listener) => this.#watch(applied, name, listener),
      onUnload: whileLive,
    };
  }

  #listen(applied: Applied, name: string, listener: (event: Event) => unknown): () => void {
    const { guard, listeners, undos } = applied;
    const where = `listener ${name}`;
    const deliver = (event: Event) => {
      if (event.name === 'plugin.failed' && (event.data as { plugin?: string }).plugin === guard.owner)
        return;
      guard.enter(this.#listenerDeadlines, listener, event, undefined, error => {
        if (error !== undefined) this.fail(guard.owner, where, error, event);
      });
    };
    const off = this.#parts.bus.on(name, guard.owner, deliver);
    const entry = { on: name, deliver };
    listeners.push(entry);
    return undos.push(() => {
      off();
      const at = listeners.indexOf(entry);
      if (at >= 0) listeners.splice(at, 1);
    });
  }

  #watch({ guard, undos }: Applied, name: GatheredHook, listener: () => unknown): () => void {
    if (!guard.live) return () => undefined;
    const changed = () =>
      guard.enter(this.#listenerDeadlines, listener, undefined, undefined, error => {
        if (error !== undefined) this.fail(guard.owner, `watch ${name}`, error);
      });
    return undos.push(this.hooks.watch(name, changed));
  }

  /** Own families, and names outside all reserved ones. */
  #checkEmit(plugin: Plugin, name: string): void {
    checkEventName(name);
    if (plugin.events?.includes(familyOf(name))) return;
    checkThirdPartyName(name, this.families);
  }
}
