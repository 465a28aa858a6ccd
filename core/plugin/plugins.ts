import { messageOf, NetconfError } from '../base/errors.ts';
import { log } from '../base/log.ts';
import { Turns } from '../base/turns.ts';
import type { Bus } from '../bus/bus.ts';
import type { PluginReport } from '../control/api.ts';
import type { Plugin } from './contract.ts';
import { type Candidate, type Discovery, discover } from './discover.ts';
import type { Host } from './host.ts';
import { checkOptions, importPlugin, PluginError } from './load.ts';
import { inOrder } from './order.ts';

/** What the configuration says about plugins. */
export interface PluginSettings {
  /** Plugin directories, the first wins. */
  directories: readonly string[];
  /** Options by plugin name; false keeps it from loading. */
  options: Readonly<Record<string, unknown>>;
  /** FILE:LINE:COLUMN of a path of keys below `plugins.NAME`. */
  locate: (plugin: string, path: readonly PropertyKey[]) => string;
}

interface Loadable {
  name: string;
  needs: readonly string[];
  plugin: Plugin;
  candidate: Candidate;
}

/**
 * The plugins of the directories: loads them in order of their needs, one change at a time, and knows of each that is
 * not loaded why.
 */
export class Plugins {
  readonly #bus: Bus;
  readonly #host: Host;
  #settings: PluginSettings;
  /** Those that are not loaded, and those that are, as they were found. */
  readonly #idle = new Map<string, PluginReport>();
  readonly #loaded = new Map<string, { candidate: Candidate; options: string }>();
  /** How often the import of a file failed. */
  readonly #failedImports = new Map<string, number>();
  readonly #turns = new Turns();
  #late = false;

  constructor(bus: Bus, host: Host, settings: PluginSettings) {
    this.#bus = bus;
    this.#host = host;
    this.#settings = settings;
  }

  /** Loads all at start. Failures are reported, the rest load. `disabled` are kept out, with the reason. */
  loadAll(disabled: ReadonlyMap<string, string> = new Map()): Promise<void> {
    return this.#turns.take(async () => {
      const { candidates, refused } = discover(this.#settings.directories);
      this.#refuse(refused);
      await this.#loadThese(candidates, disabled);
      this.#late = true;
    });
  }

  /** Loads one by name from the plugin directories, also one that was disabled. Anew if it is loaded already. */
  load(name: string): Promise<PluginReport> {
    return this.#turns.take(async () => {
      const { candidates, refused } = discover(this.#settings.directories);
      const candidate = candidates.find(({ name: other }) => other === name);
      if (candidate === undefined) {
        const refusal = refused.find(({ name: other }) => other === name);
        if (refusal !== undefined) throw new NetconfError('Untrusted', refusal.reason);
        throw this.#missing(name);
      }
      this.#refuseWhileNeeded(name, 'loaded anew');
      this.#unload(name);
      const failure = await this.#loadThese([candidate], new Map());
      if (failure !== undefined) throw failure;
      return this.reports().find(report => report.name === name)!;
    });
  }

  unload(name: string): Promise<void> {
    return this.#turns.take(async () => {
      if (!this.#host.has(name)) throw this.#missing(name);
      this.#refuseWhileNeeded(name, 'unloaded');
      this.#unload(name);
    });
  }

  /** Makes what is loaded agree with the directories and new settings, as a fresh start would. */
  reconcile(settings: PluginSettings): Promise<void> {
    return this.#turns.take(async () => {
      this.#settings = settings;
      const { candidates, refused } = discover(settings.directories);
      const stale = (name: string) => {
        const now = candidates.find(candidate => candidate.name === name);
        const then = this.#loaded.get(name)!;
        return (
          now?.file !== then.candidate.file ||
          now.stamp !== then.candidate.stamp ||
          this.#optionsOf(name) !== then.options
        );
      };
      for (const name of [...this.#loaded.keys()])
        if (stale(name)) this.#unloadWithDependents(name, 'the configuration or its file changed');
      this.#idle.clear();
      this.#refuse(refused);
      await this.#loadThese(
        candidates.filter(({ name }) => !this.#host.has(name)),
        new Map(),
      );
    });
  }

  /** Unloads a plugin that keeps failing, and those that need it. At once: it is called from inside a failure. */
  disable(name: string, reason: string): void {
    log(name).error(`disabled: ${reason}; 'netconf plugin load ${name}' tries again`);
    this.#unloadWithDependents(name, reason, 'disabled');
  }

  reports(): PluginReport[] {
    const idle = [...this.#idle.values()].filter(({ name }) => !this.#host.has(name));
    return [...this.#host.reports(), ...idle].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async #loadThese(
    candidates: Candidate[],
    disabled: ReadonlyMap<string, string>,
  ): Promise<NetconfError | undefined> {
    let failure: NetconfError | undefined;
    const failed = (candidate: Candidate, error: unknown, plugin: Partial<Plugin> = {}) => {
      failure =
        error instanceof NetconfError
          ? error
          : new NetconfError('BadPlugin', messageOf(error), { cause: error });
      this.#idle.set(candidate.name, {
        ...this.#host.reportOf(plugin, candidate),
        state: failure.code === 'Disabled' ? 'disabled' : 'failed',
        reason: messageOf(error),
      });
      this.#host.fail(candidate.name, 'load', error);
    };
    const loadable: Loadable[] = [];
    for (const candidate of candidates) {
      const off = this.#optionOf(candidate.name) === false ? 'switched off in the configuration' : undefined;
      const why = off ?? disabled.get(candidate.name);
      if (why !== undefined) {
        this.#idle.set(candidate.name, {
          ...this.#host.reportOf({}, candidate),
          state: off ? 'unloaded' : 'disabled',
          reason: why,
        });
        continue;
      }
      try {
        const plugin = await this.#host.onRecord(candidate.name, () => this.#import(candidate));
        loadable.push({ name: plugin.name, needs: plugin.needs ?? [], plugin, candidate });
      } catch (error) {
        failed(candidate, error);
      }
    }
    const { ordered, left } = inOrder(loadable, new Set(this.#loaded.keys()));
    for (const { plugin, reason } of left)
      failed(plugin.candidate, new PluginError(plugin.candidate.file, reason), plugin.plugin);
    for (const { plugin, candidate } of ordered) {
      try {
        const missing = plugin.needs?.find(need => !this.#host.has(need));
        if (missing !== undefined)
          throw new PluginError(candidate.file, `needs the plugin ${missing}, which is not loaded`);
        await this.#apply(plugin, candidate);
      } catch (error) {
        failed(candidate, error, plugin);
      }
    }
    return failure;
  }

  async #import(candidate: Candidate): Promise<Plugin> {
    const failures = this.#failedImports.get(candidate.file) ?? 0;
    try {
      return await importPlugin(candidate, failures);
    } catch (error) {
      this.#failedImports.set(candidate.file, failures + 1);
      throw error;
    }
  }

  async #apply(plugin: Plugin, candidate: Candidate): Promise<void> {
    const { name } = plugin;
    const locate = (path: PropertyKey[]) => this.#settings.locate(name, path);
    const options = await this.#host.onRecord(name, () => checkOptions(plugin, this.#optionOf(name), locate));
    const ms = await this.#host.apply(plugin, candidate, options, this.#late);
    this.#loaded.set(name, { candidate, options: this.#optionsOf(name) });
    this.#idle.delete(name);
    // Not from the reports: those of all plugins put every hook point in order, which the next plugin undoes.
    const { version, file } = this.#host.reportOf(plugin, candidate);
    this.#bus.publish('plugin.loaded', { source: 'daemon', data: { plugin: name, version, file, ms } });
  }

  #unload(name: string, report?: Pick<PluginReport, 'state' | 'reason'>): void {
    const loaded = this.#loaded.get(name);
    const last = this.#host.reports().find(other => other.name === name);
    if (!this.#host.remove(name) || loaded === undefined || last === undefined) return;
    this.#loaded.delete(name);
    this.#idle.set(name, { ...last, state: 'unloaded', ...report, taps: [], listeners: [] });
    this.#bus.publish('plugin.unloaded', {
      source: 'daemon',
      data: { plugin: name, file: loaded.candidate.file },
    });
  }

  #unloadWithDependents(name: string, reason: string, state: 'unloaded' | 'disabled' = 'unloaded'): void {
    for (const other of this.#host.dependents(name))
      this.#unloadWithDependents(other, `needs ${name}: ${reason}`);
    this.#unload(name, { state, reason });
  }

  #refuseWhileNeeded(name: string, what: string): void {
    const dependents = this.#host.dependents(name);
    if (dependents.length === 0) return;
    throw new NetconfError('Denied', `${name} cannot be ${what}: ${dependents.join(', ')} needs it`, {
      hint: `unload ${dependents.join(', ')} first`,
    });
  }

  #refuse(refused: Discovery['refused']): void {
    for (const { name, file, reason } of refused) {
      const candidate: Candidate = { name, file, version: null, stamp: '' };
      this.#idle.set(name, { ...this.#host.reportOf({}, candidate), state: 'failed', reason });
      this.#host.fail(name, 'load', new NetconfError('Untrusted', reason));
    }
  }

  #missing(name: string): NetconfError {
    const places = this.#settings.directories.join(', ');
    return new NetconfError('NoSuchPlugin', `no plugin ${name}`, {
      hint: `'netconf plugins' lists them; they lie in ${places}`,
    });
  }

  /** What the configuration has for a plugin, and nothing that every object has. */
  #optionOf(name: string): unknown {
    const { options } = this.#settings;
    return Object.hasOwn(options, name) ? options[name] : undefined;
  }

  #optionsOf(name: string): string {
    return JSON.stringify(this.#optionOf(name)) ?? '';
  }
}
