import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NetconfError } from '../../core/base/errors.ts';
import type { Log } from '../../core/base/log.ts';
import { Bus } from '../../core/bus/bus.ts';
import type { Route } from '../../core/bus/objects.ts';
import type { Peer } from '../../core/control/api.ts';
import type { Backend, Listing } from '../../core/control/backend.ts';
import { ControlServer, type ControlServerOptions } from '../../core/control/server.ts';
import type { Request, Verdict } from '../../core/plugin/hooks.ts';

/** A daemon without a kernel behind it: a real bus, made-up lists, and a record of who asked for what. */
export class FakeBackend implements Backend {
  readonly version = '1.2.3';
  readonly bus = new Bus((_owner, _event, error) => {
    throw error;
  });
  readonly requests: Request[] = [];
  routes: Route[] = [];
  replays = 0;
  verdict: (request: Request) => Verdict = () => ({ allow: true });
  emitted: (peer: Peer, signal: AbortSignal) => Promise<void> | void = () => {};

  readonly status = {
    links: () =>
      listing([
        { ifindex: 1, ifname: 'lo', flags: ['UP'], mtu: 65536, operstate: 'UNKNOWN', link_type: 'loopback' },
      ]),
    addresses: () => listing([]),
    routes: (): Listing<Route> => listing(this.routes),
    rules: () => listing([]),
    neighbours: () => undefined,
    interfaces: () => listing([]),
    daemon: () => ({
      version: this.version,
      pid: process.pid,
      started: 0,
      observe: true,
      socket: '',
      configuration: null,
      counters: {},
    }),
  };

  async authorise(request: Request): Promise<Verdict> {
    this.requests.push(request);
    return this.verdict(request);
  }

  async operate() {
    return [];
  }

  async emit(parameters: { event: string; data?: Record<string, unknown> }, peer: Peer, signal: AbortSignal) {
    await this.emitted(peer, signal);
    const data = parameters.data ?? {};
    return { id: this.bus.publish(parameters.event, { source: `user:${peer.uid}`, data }).id };
  }

  subscribe(observer: (event: ReturnType<Bus['create']>) => void) {
    return this.bus.observe(observer as never);
  }

  *replay() {
    for (let at = 0; at < this.replays; at++) {
      yield this.bus.create('link.added', {
        source: 'netlink',
        interface: `if${at}`,
        replayed: true,
        data: { new: { ifindex: at + 1 } } as never,
      });
    }
  }

  history() {
    return [];
  }

  explain(): never {
    throw new TypeError('secret of the implementation');
  }

  plugins() {
    return [];
  }

  async loadPlugin(name: string): Promise<never> {
    throw new NetconfError('NoSuchPlugin', `no plugin ${name}`, { hint: 'look into /etc/netconf/plugins' });
  }

  async unloadPlugin() {}

  async ask({ question }: { question: string }, _peer: Peer, progress: (message: string) => void) {
    progress('thinking');
    return { question };
  }

  async reload() {
    return { file: null };
  }
}

function listing<T>(items: readonly T[]): Listing<T> {
  return { size: items.length, items };
}

export function someRoutes(count: number): Route[] {
  return Array.from({ length: count }, (_, at) => ({
    family: 'inet',
    dst: `10.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}`,
    dev: 'eth0',
    protocol: 'static',
    scope: 'link',
    flags: [],
  }));
}

/** A control server on a socket in a directory of its own, and what it logged. */
export class Bench {
  readonly directory = mkdtempSync(join(tmpdir(), 'netconf-control-'));
  readonly path = join(this.directory, 'control');
  readonly backend = new FakeBackend();
  readonly logged: string[] = [];
  readonly log: Log;
  server: ControlServer;

  constructor(limits: ControlServerOptions['limits'] = {}) {
    const line = (message: string) => this.logged.push(message);
    this.log = { error: line, warning: line, notice: line, info: line };
    this.server = this.another(limits);
  }

  another(limits: ControlServerOptions['limits'] = {}): ControlServer {
    return new ControlServer({ path: this.path, backend: this.backend, log: this.log, limits });
  }

  async close(): Promise<void> {
    await this.server.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}

/** Waits until something becomes true; fails after 10 s. */
export async function until(what: () => boolean): Promise<void> {
  for (let at = 0; at < 1000; at++) {
    if (what()) return;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  throw new Error(`never came true: ${what}`);
}
