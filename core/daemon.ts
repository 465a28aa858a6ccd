import { Answers } from './answers.ts';
import { messageOf } from './base/errors.ts';
import { log } from './base/log.ts';
import { Notifier } from './base/notify.ts';
import { Trimmer } from './base/trim.ts';
import { Turns } from './base/turns.ts';
import type { Undo } from './base/undo.ts';
import { version } from './base/version.ts';
import type { Bus } from './bus/bus.ts';
import { type Loaded, loadConfiguration } from './config/load.ts';
import type { DaemonStatus } from './control/api.ts';
import { defaultSocket } from './control/path.ts';
import { ControlServer } from './control/server.ts';
import { type Directories, Engine } from './engine.ts';
import { AllConfigured } from './interface/all-configured.ts';
import { Hotplug } from './interface/hotplug.ts';
import { followLinks } from './interface/links.ts';
import { NetlinkSource } from './netlink/source.ts';
import { FileRecord } from './plugin/on-record.ts';

/** What the command line says; all paths are absolute. */
export interface DaemonOptions extends Directories {
  config?: string | undefined;
  /** Of `--socket`, else of NETCONF_SOCKET. */
  socket?: string | undefined;
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
  readonly #engine: Engine;
  readonly #hotplug: Hotplug;
  readonly #allConfigured: AllConfigured;
  readonly #source: NetlinkSource;
  readonly #server: ControlServer;
  readonly #started: Promise<void>;
  #nowStarted: () => void = () => undefined;
  readonly #trimmer = new Trimmer();
  readonly #reloads = new Turns();
  readonly #since = Date.now();
  #rejected: string | undefined;
  #stopWatchdog: Undo = () => undefined;
  #stopped: Promise<void> | undefined;

  /** @param loaded see `loadConfiguration` */
  constructor(options: DaemonOptions, loaded: Loaded) {
    const { netlink, paths } = loaded.configuration;
    this.#options = options;
    this.#started = new Promise(resolve => {
      this.#nowStarted = resolve;
    });
    this.socket = options.socket ?? paths.socket ?? defaultSocket();
    this.#record = new FileRecord(`${this.socket}.running`);
    this.#engine = new Engine({
      directories: options,
      loaded,
      socket: this.socket,
      observe: options.observe,
      record: this.#record,
      indexOf: link => this.#source.status.indexOf(link),
      replay: () => answers.replay(),
      log: this.#log,
    });
    this.bus = this.#engine.bus;
    // Without a configuration it changes nothing by itself.
    const active = loaded.file !== null && !options.observe;
    this.#hotplug = new Hotplug({ operations: this.#engine.operations, active });
    this.#allConfigured = new AllConfigured(this.#engine.operations.parts, () => this.#hotplug.declared);
    this.#source = new NetlinkSource({
      bus: this.bus,
      receiveBuffer: options.receiveBuffer ?? netlink.receiveBuffer,
      neighbours: netlink.neighbours,
      routerOptions: netlink.routerOptions,
    });
    const answers = new Answers({
      engine: this.#engine,
      source: this.#source,
      declared: () => this.#hotplug.declared,
      started: this.#started,
      leases: name => this.#engine.dhcp.leases(name),
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
    await this.#engine.plugins.loadAll(this.#culprit());
    await this.#source.start();
    await this.#engine.host.hooks.call('ready');
    this.#engine.dhcp.start();
    await this.#hotplug.start();
    this.bus.publish('daemon.ready', { source: 'daemon', data: { version, pid: process.pid } });
    this.#nowStarted();
    followLinks(this.bus, this.#engine.operations);
    void this.#boot();
    this.#notifier.ready(`listening on ${this.socket}`);
    this.#stopWatchdog = this.#notifier.startWatchdog();
    this.bus.observe(() => this.#trimmer.touch());
    this.#trimmer.touch();
  }

  /** What was cut off is gone on with; what is `auto` is configured. Never rejects. */
  async #boot(): Promise<void> {
    await this.#engine.operations.recover();
    if (await this.#hotplug.boot()) this.#allConfigured.begin();
  }

  /** Reads the configuration anew. A bad one leaves the old one in force: rejects with what is wrong with it. */
  reload(): Promise<{ file: string | null }> {
    return this.#reloads.take(() => this.#reload());
  }

  /** Ends everything in the opposite order. May be called twice: the second call hurries running scripts. */
  stop(reason: string): Promise<void> {
    if (this.#stopped !== undefined) {
      void this.#engine.runner.stop();
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
      await this.#engine.configure(loaded);
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
    this.#hotplug.stop();
    this.#allConfigured.stop();
    await this.#engine.operations.stop();
    this.#engine.programs.terminate();
    await this.#engine.host.hooks.call('stop');
    this.#engine.dhcp.stop();
    this.#source.stop();
    await this.#engine.runner.stop();
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

  #status(): DaemonStatus {
    return {
      version,
      pid: process.pid,
      started: this.#since,
      observe: this.#options.observe,
      socket: this.socket,
      configuration: this.#engine.loaded.file,
      ...(this.#rejected !== undefined && { rejected: this.#rejected }),
      counters: {
        events: this.bus.published,
        ...this.#source.status.counters,
        ...this.#engine.dhcp.counters,
        ...this.#engine.runner.counters,
        ...this.#server.counters,
      },
    };
  }
}
