import { version } from './base/version.ts';
import { checkEventName, checkThirdPartyName } from './bus/catalogue.ts';
import { Event } from './bus/event.ts';
import type {
  AskParameters,
  DaemonStatus,
  EmitParameters,
  EmitReply,
  ExplainParameters,
  ExplainReply,
  HistoryEntry,
  HistoryParameters,
  OperationParameters,
  OperationProgress,
  OperationResult,
  Peer,
  PluginReport,
  Request,
  Verdict,
} from './control/api.ts';
import type { Backend, StatusSource } from './control/backend.ts';
import { invalidParameter } from './control/varlink/error.ts';
import type { Engine } from './engine.ts';
import { authorise, isOwner } from './interface/authorise.ts';
import { withDeclared } from './interface/declared.ts';
import { pathOf } from './interface/path.ts';
import { Requests } from './interface/requests.ts';
import type { NetlinkSource } from './netlink/source.ts';
import type { Declared } from './plugin/hooks.ts';
import { joinHistories } from './runner/join-histories.ts';

interface Parts {
  engine: Engine;
  source: NetlinkSource;
  /** What sources declare, as of the latest look. */
  declared: () => readonly Declared[];
  /** What is known of an interface's DHCP leases. */
  leases?: (name: string) => readonly object[];
  /** Resolves when the daemon has started: what is asked before waits for it. */
  started: Promise<void>;
  daemon: () => DaemonStatus;
  reload: () => Promise<{ file: string | null }>;
}

/** What the daemon answers on its control socket. */
export class Answers implements Backend {
  readonly version = version;
  readonly status: StatusSource;
  readonly #parts: Parts;
  readonly #requests: Requests;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { status } = parts.source;
    this.status = {
      links: () => ({ size: status.counters.links, items: status.links() }),
      addresses: () => ({ size: status.counters.links, items: status.addresses() }),
      routes: () => ({ size: status.counters.routes, items: status.routes() }),
      rules: () => ({ size: status.counters.rules, items: status.rules() }),
      neighbours: () =>
        parts.engine.loaded.configuration.netlink.neighbours
          ? { size: status.counters.neighbours, items: status.neighbours() }
          : undefined,
      interfaces: () => {
        const known = withDeclared(parts.engine.operations.status(), parts.declared());
        const items = known.map(one => ({ ...one, ...leasesOf(parts, one.interface) }));
        return { size: items.length, items };
      },
      daemon: parts.daemon,
    };
    this.#requests = new Requests({
      operations: parts.engine.operations,
      authorise: request => this.authorise(request),
      scriptOf: pid => parts.engine.runner.ancestor(pid),
    });
  }

  async authorise(request: Request): Promise<Verdict> {
    await this.#parts.started;
    return authorise(this.#parts.engine.host.hooks, request);
  }

  async emit({ event: name, data, interface: on, wait }: EmitParameters, peer: Peer): Promise<EmitReply> {
    const { source, engine } = this.#parts;
    const { bus, host, programs, runner } = engine;
    checkThirdPartyName(name, host.families);
    const fields = {
      source: `user:${peer.uid}`,
      interface: on,
      ifindex: on === undefined ? undefined : source.status.indexOf(on),
      cause: runner.ancestor(peer.pid) ?? programs.ancestor(peer.pid)?.event,
      ...(data && { data }),
    } as const;
    if (!wait) return { id: bus.publish(name, fields).id };
    const endWait = runner.beginWait(peer.pid, new Event(0, name, fields));
    try {
      const event = bus.publish(name, fields) as Event;
      return { id: event.id, entry: await runner.settled(event) };
    } finally {
      endWait();
    }
  }

  subscribe(observer: (event: Event) => void): () => void {
    return this.#parts.engine.bus.observe(observer);
  }

  *replay(): Iterable<Event> {
    const { engine, source } = this.#parts;
    for (const { name, fields } of source.replay()) yield engine.bus.create(name, fields as never) as Event;
    for (const { name, fields } of engine.dhcp.replay())
      yield engine.bus.create(name, fields) as unknown as Event;
  }

  history(parameters: HistoryParameters): Iterable<HistoryEntry> {
    const { runner, programs } = this.#parts.engine;
    return joinHistories(query => [runner.history(query), programs.history(query)], parameters);
  }

  async operate(
    request: 'ifup' | 'ifdown',
    parameters: OperationParameters,
    peer: Peer,
    progress: (step: OperationProgress) => void,
    signal: AbortSignal | undefined,
  ): Promise<OperationResult[]> {
    await this.#parts.started;
    return this.#requests.operate(request, parameters, peer, progress, signal);
  }

  async explain(parameters: ExplainParameters, peer: Peer): Promise<ExplainReply> {
    const { event: name, interface: on, data, operation, as } = parameters;
    if (operation !== undefined && on !== undefined) {
      await this.#parts.started;
      const { parts } = this.#parts.engine.operations;
      const view = { peer: as === undefined ? peer : { ...as, pid: peer.pid }, open: isOwner(peer.uid) };
      return { path: await pathOf(parts, operation, on, view) };
    }
    checkEventName(name);
    const { engine, source } = this.#parts;
    const { host, runner } = engine;
    const ifindex = on === undefined ? undefined : source.status.indexOf(on);
    const event = new Event(0, name, { source: 'control', interface: on, ifindex, ...(data && { data }) });
    const notes: string[] = [];
    if (on !== undefined && ifindex === undefined) notes.push(`there is no interface ${on} now`);
    const scripts = runner.explain(event);
    const explanation = {
      event: name,
      ...(on !== undefined && { interface: on }),
      listeners: host.listenersOf(name),
      taps: host.hooks
        .taps('reaction', 'environment')
        .map(({ hook, plugin, stage }) => ({ hook, plugin, stage })),
      scripts: scripts.scripts,
      notes: [...(host.hooks.callSync('explain', [], event) ?? []), ...notes, ...scripts.notes],
    };
    return { explanation };
  }

  plugins(): PluginReport[] {
    return this.#parts.engine.plugins.reports();
  }

  loadPlugin(name: string): Promise<PluginReport> {
    return this.#parts.engine.plugins.load(name);
  }

  unloadPlugin(name: string): Promise<void> {
    return this.#parts.engine.plugins.unload(name);
  }

  async ask(
    { question, parameters = {} }: AskParameters,
    peer: Peer,
    progress: (message: string) => void,
    signal: AbortSignal,
  ): Promise<Record<string, unknown>> {
    await this.#parts.started;
    const { hooks } = this.#parts.engine.host;
    const answer = await hooks.callStep('answer', question, { parameters, peer, signal, progress });
    if (answer === undefined) throw invalidParameter('question', 'no plugin that is loaded answers it');
    return answerOf(question, answer);
  }

  reload(): Promise<{ file: string | null }> {
    return this.#parts.reload();
  }
}

/** Characters of JSON: a message of the control socket has at most 1 MiB. */
const longestAnswer = 900_000;

/** A copy as JSON has it: what cannot be said is a plugin's mistake, and found here. */
function answerOf(question: string, answer: object): Record<string, unknown> {
  const text = JSON.stringify(answer);
  if (text.length > longestAnswer)
    throw new RangeError(`the answer to ${question} has more than ${longestAnswer} characters`);
  return JSON.parse(text) as Record<string, unknown>;
}

function leasesOf({ leases }: Parts, name: string): { leases?: object[] } {
  const found = leases?.(name) ?? [];
  return found.length === 0 ? {} : { leases: [...found] };
}
