import { NetconfError } from '../../core/base/errors.ts';
import { log } from '../../core/base/log.ts';
import { Event } from '../../core/bus/event.ts';
import type { Link } from '../../core/bus/objects.ts';
import type { InterfaceStatus, Methods, OperationResult } from '../../core/control/api.ts';
import type { Backend, Listing } from '../../core/control/backend.ts';
import { ControlServer } from '../../core/control/server.ts';

/** What the stand-in for the daemon answers; what it was asked is in `asked`. */
export interface Answers {
  links: Link[];
  routes: number;
  emit: Methods['Emit']['out'];
  history: Methods['History']['out']['entries'];
  explain: Methods['Explain']['out']['explanation'];
  /** @default none */
  interfaces?: InterfaceStatus[];
  results?: OperationResult[];
  answer?: Record<string, unknown>;
  plugins: Methods['Plugins']['out']['plugins'];
  reload: () => Methods['Reload']['out'];
  replay: Event[];
}

/** The real control socket with a made-up daemon behind it: the seam is what the server asks of the daemon. */
export class StandIn {
  readonly asked: unknown[] = [];
  readonly answers: Answers;
  readonly #observers = new Set<(event: Event) => void>();
  readonly #server: ControlServer;
  #id = 0;

  constructor(path: string, answers: Answers) {
    this.answers = answers;
    this.#server = new ControlServer({ path, backend: this.#backend(path), log: log('stand-in') });
  }

  listen(): Promise<void> {
    return this.#server.listen();
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  /** Publishes to whoever monitors. */
  publish(name: string, data: object, on?: string): void {
    const event = new Event(++this.#id, name, { source: 'daemon', data, interface: on });
    for (const observer of this.#observers) observer(event);
  }

  /** Resolves when so many subscribers are there. */
  async subscribed(count = 1): Promise<void> {
    while (this.#observers.size < count) await new Promise(resolve => setTimeout(resolve, 10));
  }

  #backend(path: string): Backend {
    const { asked, answers } = this;
    const remember = (method: string, parameters: unknown) => asked.push({ [method]: parameters });
    return {
      version: '9.9.9',
      authorise: async request =>
        request.subject === 'forbidden'
          ? { allow: false, reason: 'forbidden: you may not' }
          : { allow: true },
      status: {
        links: () => listing(answers.links),
        addresses: () => listing(answers.links.map(link => ({ ...link, addr_info: [addressOf(link)] }))),
        routes: () => ({ size: answers.routes, items: routes(answers.routes) }),
        rules: () => listing([]),
        neighbours: () => undefined,
        interfaces: () => listing(answers.interfaces ?? []),
        daemon: () => ({
          version: '9.9.9',
          pid: 42,
          started: 0,
          observe: true,
          socket: path,
          configuration: null,
          counters: { events: 7 },
        }),
      },
      operate: async (request, parameters) => {
        remember(request, parameters);
        return answers.results ?? [];
      },
      emit: async parameters => {
        remember('Emit', parameters);
        return answers.emit;
      },
      subscribe: observer => {
        this.#observers.add(observer);
        return () => this.#observers.delete(observer);
      },
      replay: () => answers.replay,
      history: parameters => {
        remember('History', parameters);
        return answers.history;
      },
      explain: parameters => {
        remember('Explain', parameters);
        return answers.explain === undefined ? {} : { explanation: answers.explain };
      },
      plugins: () => answers.plugins,
      loadPlugin: async name => {
        const found = answers.plugins.find(plugin => plugin.name === name);
        if (found === undefined)
          throw new NetconfError('NoSuchPlugin', `no plugin ${name}`, { hint: 'look there' });
        return found;
      },
      unloadPlugin: async name => {
        remember('UnloadPlugin', name);
      },
      ask: async parameters => {
        remember('Ask', parameters);
        return answers.answer ?? {};
      },
      reload: async () => answers.reload(),
    };
  }
}

function listing<T>(items: T[]): Listing<T> {
  return { size: items.length, items };
}

function addressOf(link: Link) {
  return {
    family: 'inet',
    local: `192.0.2.${link.ifindex}`,
    prefixlen: 24,
    scope: 'global',
    valid_life_time: 60,
    preferred_life_time: 60,
  };
}

function* routes(count: number) {
  for (let i = 0; i < count; i++) {
    yield {
      family: 'inet',
      dst: i === 0 ? 'default' : `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
      gateway: '192.0.2.1',
      dev: 'eth0',
      flags: [],
    };
  }
}
