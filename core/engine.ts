import { dirname } from 'node:path';
import { levelsOf } from './base/levels.ts';
import type { Log } from './base/log.ts';
import { Bus } from './bus/bus.ts';
import type { Event } from './bus/event.ts';
import { interfaceOptions } from './config/interfaces.ts';
import type { Loaded } from './config/load.ts';
import { DhcpSource } from './dhcp/source.ts';
import { operateFor } from './interface/for-plugins.ts';
import { Operations } from './interface/operations.ts';
import { Records } from './interface/records.ts';
import { Configured } from './plugin/configured.ts';
import type { Paths } from './plugin/contract.ts';
import { Host } from './plugin/host.ts';
import type { OnRecord } from './plugin/on-record.ts';
import { type PluginSettings, Plugins } from './plugin/plugins.ts';
import { Programs } from './runner/programs.ts';
import { Runner } from './runner/runner.ts';

/** Directories as the command line gives them, instead of those in `/etc/netconf`; all paths are absolute. */
export interface Directories {
  hooks: readonly string[];
  plugins: readonly string[];
  policy: readonly string[];
  methods: readonly string[];
}

export interface EngineOptions {
  directories: Directories;
  loaded: Loaded;
  /** The control socket; runtime files lie beside it. */
  socket: string;
  observe: boolean;
  record: OnRecord;
  /** The index of the link that has this name now. */
  indexOf: (link: string) => number | undefined;
  /** What exists already, for a plugin that comes late. */
  replay: () => Iterable<Event>;
  /** Interfaces whose DHCP clients are heard. @default all */
  hears?: (link: string) => boolean;
  log: Log;
}

/**
 * What turns events into work, with a daemon or without one: bus, plugins, hook scripts, programs and operations, tied
 * together.
 */
export class Engine {
  readonly bus: Bus;
  readonly host: Host;
  readonly plugins: Plugins;
  readonly programs: Programs;
  readonly operations: Operations;
  readonly runner: Runner;
  /** Started when the plugins are there to hear it. */
  readonly dhcp: DhcpSource;
  readonly #options: EngineOptions;
  readonly #configured: Configured;
  #loaded: Loaded;
  #paths: Paths;

  constructor(options: EngineOptions) {
    const { socket, observe, record, log, indexOf, replay, hears } = options;
    this.#options = options;
    this.#loaded = options.loaded;
    this.#paths = this.#pathsNow();
    this.#configured = new Configured(interfaceOptions(options.loaded));
    const interfaces = `${dirname(socket)}/interfaces`;
    this.bus = new Bus((owner, event, error) =>
      this.host.fail(owner, `listener ${event.name}`, error, event),
    );
    this.programs = new Programs({ ...this.#paths, handles: interfaces });
    this.host = new Host({
      bus: this.bus,
      paths: () => this.#paths,
      programs: this.programs,
      operate: (plugin, request, on, more) => operateFor(this.operations, plugin, request, on, more),
      record,
      observe,
      indexOf,
      replay,
      stateOf: plugin => this.plugins.reports().find(({ name }) => name === plugin)?.state,
      onDisable: (name, reason) => this.plugins.disable(name, reason),
    });
    this.host.addConfigured(this.#configured);
    this.operations = new Operations({
      bus: this.bus,
      hooks: this.host.hooks,
      records: new Records(interfaces, log),
      programs: this.programs,
      configured: this.#configured,
      log,
      observe,
    });
    const wants = hears === undefined ? {} : { wants: hears };
    this.dhcp = new DhcpSource({ bus: this.bus, run: dirname(socket), log, indexOf, ...wants });
    this.plugins = new Plugins(this.bus, this.host, this.#pluginSettings());
    this.runner = new Runner({
      bus: this.bus,
      ...this.#runnerSettings(),
      socket,
      environment: (variables, event) =>
        this.host.hooks.isTapped('environment')
          ? this.host.hooks.callSync('environment', variables(), event)
          : undefined,
      adds: () => this.host.hooks.isTapped('environment'),
      reaction: event => this.host.hooks.holdOf(event),
      pluginFamilies: () => this.host.families,
      log,
    });
  }

  get loaded(): Loaded {
    return this.#loaded;
  }

  /** A reload: what is given counts from now on. */
  async configure(loaded: Loaded): Promise<void> {
    this.#loaded = loaded;
    const { settings, levels } = this.#runnerSettings();
    this.runner.configure(settings, levels);
    this.#paths = this.#pathsNow();
    this.programs.configure(this.#paths);
    this.#configured.configure(interfaceOptions(loaded));
    this.host.hooks.touch('stanzas');
    await this.plugins.reconcile(this.#pluginSettings());
  }

  #pluginSettings(): PluginSettings {
    const { configuration, locate } = this.#loaded;
    const { plugins, paths } = configuration;
    return {
      directories: levelsOf('plugins', or(this.#options.directories.plugins, paths.plugins)),
      options: plugins,
      locate: (plugin, path) => locate(['plugins', plugin, ...path]),
    };
  }

  #runnerSettings() {
    const { hooks, history, paths } = this.#loaded.configuration;
    const given = or(this.#options.directories.hooks, paths.hooks);
    return { levels: levelsOf('hooks.d', given), settings: { ...hooks, history } };
  }

  #pathsNow(): Paths {
    const { paths } = this.#loaded.configuration;
    const { directories, socket } = this.#options;
    return {
      policy: levelsOf('policy.d', or(directories.policy, paths.policy)),
      methods: levelsOf('methods', or(directories.methods, paths.methods)),
      run: dirname(socket),
      socket,
    };
  }
}

/** The command line goes before the configuration. */
function or(given: readonly string[], configured: readonly string[] | undefined): readonly string[] {
  return given.length > 0 ? given : (configured ?? []);
}
