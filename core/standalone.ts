import { messageOf } from './base/errors.ts';
import { linkIndex } from './base/libc/links.ts';
import { log } from './base/log.ts';
import type { Event } from './bus/event.ts';
import { loadConfiguration } from './config/load.ts';
import type {
  InterfaceStatus,
  OperationParameters,
  OperationProgress,
  OperationResult,
} from './control/api.ts';
import { prepareDirectory } from './control/directory.ts';
import { defaultSocket } from './control/path.ts';
import { type Directories, Engine } from './engine.ts';
import { authorise } from './interface/authorise.ts';
import { ownPeer } from './interface/parts.ts';
import { linkOf } from './interface/records.ts';
import { Requests } from './interface/requests.ts';
import { offRecord } from './plugin/on-record.ts';

/** What a command line says; all paths are absolute. What is not given is as for netconfd. */
export interface StandaloneOptions extends Partial<Directories> {
  config?: string | undefined;
  /** The control socket of the daemon that does not run: runtime files lie beside it. */
  socket?: string | undefined;
  /** Change nothing: only ask. @default false */
  observe?: boolean;
}

/** Milliseconds that hook scripts of the operations' events are waited for at the end. */
const scriptsMs = 60_000;

/**
 * Operations in this process, where no daemon runs: the same plugins, hook scripts, records and locks.
 *
 *     await using netconf = await standalone({ socket });
 *     const [result] = await netconf.operate('ifup', { interface: 'eth0' });
 */
export async function standalone(options: StandaloneOptions = {}): Promise<Standalone> {
  const loaded = await loadConfiguration(options.config);
  const socket = options.socket ?? loaded.configuration.paths.socket ?? defaultSocket();
  prepareDirectory(socket);
  const { hooks = [], plugins = [], policy = [], methods = [] } = options;
  const engine = new Engine({
    directories: { hooks, plugins, policy, methods },
    loaded,
    socket,
    observe: options.observe ?? false,
    record: offRecord,
    indexOf: name => linkIndex(linkOf(name)),
    replay: () => [],
    hears: on => engine.operations.status().some(one => one.interface === on && one.phase !== undefined),
    log: log(),
  });
  const made = new Standalone(engine);
  try {
    await engine.plugins.loadAll();
    await engine.host.hooks.call('ready');
    engine.dhcp.start();
    return made;
  } catch (error) {
    await made.close();
    throw error;
  }
}

export class Standalone implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #requests: Requests;
  readonly #unsettled = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;

  /** Use {@link standalone}. */
  constructor(engine: Engine) {
    this.#engine = engine;
    this.#requests = new Requests({
      operations: engine.operations,
      authorise: request => authorise(engine.host.hooks, request),
      scriptOf: () => undefined,
    });
    // The runner has seen an event before the listeners do, so it knows by then whether scripts want it.
    engine.bus.on('*', 'netconf', event => this.#remember(event as Event));
  }

  /** As `Up` and `Down` of the control socket; an aborted signal undoes what was begun. */
  operate(
    request: 'ifup' | 'ifdown',
    parameters: OperationParameters,
    progress: (step: OperationProgress) => void = () => undefined,
    signal?: AbortSignal,
  ): Promise<OperationResult[]> {
    return this.#requests.operate(request, parameters, ownPeer(), progress, signal);
  }

  /** As `Ask` of the control socket; undefined where no plugin answers the question. */
  ask(
    question: string,
    parameters: Record<string, unknown> = {},
  ): Promise<Readonly<Record<string, unknown>> | undefined> {
    const { signal } = new AbortController();
    const asked = { parameters, peer: ownPeer(), signal, progress: () => undefined };
    return this.#engine.host.hooks.callStep('answer', question, asked);
  }

  /** What netconf has configured, as the part `interfaces` of `Status`. */
  status(): InterfaceStatus[] {
    return this.#engine.operations.status();
  }

  /** Waits for the hook scripts, and lets go of the plugins. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { runner, operations, host, dhcp } = this.#engine;
    await this.#settled();
    dhcp.stop();
    await operations.stop();
    try {
      await host.hooks.call('stop');
    } catch (error) {
      log().warning(messageOf(error));
    }
    await this.#settled();
    await runner.stop();
  }

  #remember(event: Event): void {
    const settled = this.#engine.runner.settled(event).finally(() => this.#unsettled.delete(settled));
    this.#unsettled.add(settled);
  }

  /** The scripts of all events so far, those that their own events run too; for a bounded time. */
  async #settled(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const end = new Promise<void>(resolve => {
      timer = setTimeout(resolve, scriptsMs);
    });
    let over = false;
    void end.then(() => {
      over = true;
    });
    while (this.#unsettled.size > 0 && !over) await Promise.race([Promise.all(this.#unsettled), end]);
    clearTimeout(timer);
  }
}
