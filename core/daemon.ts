// A few lines over the measure: the composition root grows by a line or two with each part that it ties together.
import { dirname } from 'node:path';
import { Answers } from './answers.ts';
import { messageOf } from './base/errors.ts';
import { levelsOf } from './base/levels.ts';
import { log } from './base/log.ts';
import { Notifier } from './base/notify.ts';
import { Trimmer } from './base/trim.ts';
import { Turns } from './base/turns.ts';
import type { Undo } from './base/undo.ts';
import { version } from './base/version.ts';
import { Bus } from './bus/bus.ts';
import { type Loaded, loadConfiguration } from './config/load.ts';
import type { DaemonStatus } from './control/api.ts';
import { defaultSocket } from './control/path.ts';
import { ControlServer } from './control/server.ts';
import { operateFor } from './interface/for-plugins.ts';
import { Operations } from './interface/operations.ts';
import { Records } from './interface/records.ts';
import { NetlinkSource } from './netlink/source.ts';
import type { Paths } from './plugin/contract.ts';
import { Host } from './plugin/host.ts';
import { FileRecord } from './plugin/on-record.ts';
import { type PluginSettings, Plugins } from './plugin/plugins.ts';
import { Programs } from './runner/programs.ts';
import { Runner } from './runner/runner.ts';

/** What the command line says; all paths are absolute. */
export interface DaemonOptions {
  config?: string | undefined;
  /** Of `--socket`, else of NETCONF_SOCKET. */
  socket?: string | undefined;
  hooks: readonly string[];
  plugins: readonly string[];
  policy: readonly string[];
  methods: readonly string[];
  /** Bytes. */
  receiveBuffer?: number | undefined;
  observe: boolean;
}

/** A connection leaves as much garbage behind as so many events. */
const connectionEvents = 10;

/**
 * The composition root: makes the parts, ties them together, and starts, reloads and stops them in order. The one
 * place that knows all of them.
 */
export class Daemon {
  readonly bus: Bus;
  readonly socket: string;
  readonly #options: DaemonOptions;
  readonly #log = log();
  readonly #notifier = new Notifier();
  readonly #record: FileRecord;
  readonly #programs: Programs;
  readonly #host: Host;
  readonly #operations: Operations;
  readonly #plugins: Plugins;
  readonly #source: NetlinkSource;
  readonly #runner: Runner;
  readonly #server: ControlServer;
  readonly #started: Promise<void>;
  #nowStarted: () => void = () => undefined;
  readonly #trimmer = new Trimmer();
  readonly #reloads = new Turns();
  readonly #since = Date.now();
  #loaded: Loaded;
  #rejected: string | undefined;
  #stopWatchdog: Undo = () => undefined;
  #stopped: Promise<void> | undefined;

  /** @param loaded see `loadConfiguration` */
  constructor(options: DaemonOptions, loaded: Loaded) {
    const { configuration } = loaded;
    this.#options = options;
    this.#started = new Promise(resolve => {
      this.#nowStarted = resolve;
    });
    this.#loaded = loaded;
    this.socket = options.socket ?? configuration.paths.socket ?? defaultSocket();
    this.#record = new FileRecord(`${this.socket}.running`);
    this.bus = new Bus((owner, event, error) =>
      this.#host.fail(owner, `listener ${event.name}`, error, event),
    );
    this.#programs = new Programs({ ...this.#paths(), handles: `${dirname(this.socket)}/interfaces` });
    this.#host = new Host({
      bus: this.bus,
      paths: () => this.#paths(),
      programs: this.#programs,
      operate: (plugin, request, on, options) => operateFor(this.#operations, plugin, request, on, options),
      record: this.#record,
      observe: options.observe,
      indexOf: link => this.#source.status.indexOf(link),
      replay: () => answers.replay(),
      onDisable: (name, reason) => this.#plugins.disable(name, reason),
    });
    this.#operations = new Operations({
      bus: this.bus,
      hooks: this.#host.hooks,
      records: new Records(`${dirname(this.socket)}/interfaces`, this.#log),
      programs: this.#programs,
      log: this.#log,
      observe: options.observe,
    });
    this.#plugins = new Plugins(this.bus, this.#host, this.#pluginSettings(loaded));
    this.#source = new NetlinkSource({
      bus: this.bus,
      receiveBuffer: options.receiveBuffer ?? configuration.netlink.receiveBuffer,
      neighbours: configuration.netlink.neighbours,
      routerOptions: configuration.netlink.routerOptions,
    });
    this.#runner = new Runner({
      bus: this.bus,
      ...this.#runnerSettings(loaded),
      socket: this.socket,
      environment: (variables, event) =>
        this.#host.hooks.isTapped('environment')
          ? this.#host.hooks.callSync('environment', variables(), event)
          : undefined,
      reaction: event => this.#host.hooks.holdOf(event),
      pluginFamilies: () => this.#host.families,
      log: this.#log,
    });
    const answers = new Answers({
      bus: this.bus,
      host: this.#host,
      plugins: this.#plugins,
      source: this.#source,
      runner: this.#runner,
      programs: this.#programs,
      operations: this.#operations,
      started: this.#started,
      neighbours: () => this.#loaded.configuration.netlink.neighbours,
      daemon: () => this.#status(),
      reload: () => this.reload(),
    });
    this.#server = new ControlServer({
      path: this.socket,
      backend: answers,
      log: this.#log,
      ended: () => this.#trimmer.touch(connectionEvents),
    });
  }

  /** Opens the socket, applies the plugins, dumps the kernel's state and publishes it, and says that it is ready. */
  async start(): Promise<void> {
    await this.#server.listen();
    await this.#plugins.loadAll(this.#culprit());
    await this.#source.start();
    await this.#host.hooks.call('ready');
    this.bus.publish('daemon.ready', { source: 'daemon', data: { version, pid: process.pid } });
    this.#nowStarted();
    void this.#operations.recover();
    this.#notifier.ready(`listening on ${this.socket}`);
    this.#stopWatchdog = this.#notifier.startWatchdog();
    this.bus.observe(() => this.#trimmer.touch());
    this.#trimmer.touch();
  }

  /** Reads the configuration anew. A bad one leaves the old one in force: rejects with what is wrong with it. */
  reload(): Promise<{ file: string | null }> {
    return this.#reloads.take(() => this.#reload());
  }

  /** Ends everything in the opposite order. May be called twice: the second call hurries running scripts. */
  stop(reason: string): Promise<void> {
    if (this.#stopped !== undefined) {
      void this.#runner.stop();
      return this.#stopped;
    }
    this.#stopped = this.#stop(reason);
    return this.#stopped;
  }

  async #reload(): Promise<{ file: string | null }> {
    // Its parts take a new configuration only once they have begun with the old one.
    await this.#started;
    this.#notifier.reloading();
    try {
      const loaded = await loadConfiguration(this.#options.config);
      await this.#source.configure(loaded.configuration.netlink);
      const { settings, levels } = this.#runnerSettings(loaded);
      this.#runner.configure(settings, levels);
      this.#loaded = loaded;
      this.#programs.configure(this.#paths());
      await this.#plugins.reconcile(this.#pluginSettings(loaded));
      this.#rejected = undefined;
      this.bus.publish('daemon.reloaded', { source: 'daemon', data: { file: loaded.file } });
      return { file: loaded.file };
    } catch (error) {
      this.#rejected = messageOf(error);
      this.#log.error(`reload: the older configuration stays in force: ${this.#rejected}`);
      throw error;
    } finally {
      this.#notifier.ready();
    }
  }

  async #stop(reason: string): Promise<void> {
    this.#notifier.stopping(reason);
    this.bus.publish('daemon.stopping', { source: 'daemon', data: { reason } });
    await this.#operations.stop();
    await this.#host.hooks.call('stop');
    this.#source.stop();
    await this.#runner.stop();
    await this.#server.close();
    this.#stopWatchdog();
    this.#trimmer.stop();
    this.#record.remove();
  }

  /** A plugin whose code was running when the last daemon was ended stays out until somebody loads it. */
  #culprit(): Map<string, string> {
    let name: string | undefined;
    try {
      name = this.#record.open();
    } catch (error) {
      this.#log.warning(`running plugins are not kept on record: ${messageOf(error)}`);
    }
    if (name === undefined) return new Map();
    const reason = `its code was running when netconfd was ended last time; 'netconf plugin load ${name}' tries again`;
    this.#log.error(`${name}: disabled: ${reason}`);
    return new Map([[name, reason]]);
  }

  #pluginSettings({ configuration, locate }: Loaded): PluginSettings {
    const { plugins, paths } = configuration;
    const given = this.#options.plugins.length > 0 ? this.#options.plugins : (paths.plugins ?? []);
    return {
      directories: levelsOf('plugins', given),
      options: plugins,
      locate: (plugin, path) => locate(['plugins', plugin, ...path]),
    };
  }

  #paths(): Paths {
    const { paths } = this.#loaded.configuration;
    const { policy, methods } = this.#options;
    return {
      policy: levelsOf('policy.d', policy.length > 0 ? policy : (paths.policy ?? [])),
      methods: levelsOf('methods', methods.length > 0 ? methods : (paths.methods ?? [])),
      run: dirname(this.socket),
      socket: this.socket,
    };
  }

  #runnerSettings({ configuration }: Loaded) {
    const { hooks, history, paths } = configuration;
    const given = this.#options.hooks.length > 0 ? this.#options.hooks : (paths.hooks ?? []);
    return { levels: levelsOf('hooks.d', given), settings: { ...hooks, history } };
  }

  #status(): DaemonStatus {
    return {
      version,
      pid: process.pid,
      started: this.#since,
      observe: this.#options.observe,
      socket: this.socket,
      configuration: this.#loaded.file,
      ...(this.#rejected !== undefined && { rejected: this.#rejected }),
      counters: {
        events: this.bus.published,
        ...this.#source.status.counters,
        ...this.#runner.counters,
        ...this.#server.counters,
      },
    };
  }
}
