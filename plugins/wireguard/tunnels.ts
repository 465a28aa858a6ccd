import type { Netconf, Operation, StepResult, VpnData } from 'netconf/plugin';
import type { Configuration } from './configuration.ts';
import { method, type Shown, show } from './link.ts';
import { Memory } from './memory.ts';
import { partsOf } from './routes.ts';

/** Milliseconds between two looks for the first handshake, which is tried every 5 s (wireguard, REKEY_TIMEOUT). */
const lookMs = 200;

/** The links of WireGuard that this plugin has made, and what it has told of them. */
export class Tunnels {
  readonly #netconf: Netconf<unknown>;
  readonly #mark: number;
  readonly #memory: Memory;

  constructor(netconf: Netconf<unknown>, mark: number) {
    this.#netconf = netconf;
    this.#mark = mark;
    this.#memory = new Memory(netconf.paths.run);
  }

  /** The link with its keys and peers. The sentence why there is none. */
  async link(operation: Operation, { path, notices }: Configuration): Promise<string | undefined> {
    const { interface: on } = operation;
    for (const notice of notices) this.#netconf.log.warning(notice);
    const environment = { IF_CONFIG: path, IF_MARK: String(this.#mark) };
    if (this.#memory.read(on) === undefined)
      this.#netconf.emit('vpn.connecting', { name: on, dev: on }, { interface: on, cause: operation.event });
    return method(this.#netconf, 'wireguard', on, 'up', 'wireguard', environment, operation);
  }

  /** The whole of it, as wg-quick: addresses, routes, and a first handshake where that comes by itself. */
  async up(operation: Operation, configuration: Configuration, seconds: number): Promise<StepResult> {
    const { interface: on } = operation;
    const fail = (message: string): StepResult => ({ outcome: 'FAIL', message });
    const hindrance = await this.link(operation, configuration);
    if (hindrance !== undefined) return fail(hindrance);
    const { endpoints } = await show(this.#netconf, on, operation);
    const parts = partsOf(
      configuration,
      endpoints.map(({ address }) => address),
    );
    for (const family of ['inet6', 'inet'] as const) {
      const part = parts.find(each => each.family === family);
      if (part?.rules === undefined) await this.#take('full-tunnel', on, family, operation);
      if (part === undefined) await this.#take('static', on, family, operation);
    }
    if (parts.length === 0) {
      const failed = await method(this.#netconf, 'link', on, 'up', 'wireguard-link', {}, operation);
      if (failed !== undefined) return fail(failed);
    }
    for (const { family, addresses, rules } of parts) {
      const failed =
        (await method(
          this.#netconf,
          'static',
          on,
          'up',
          handleOf('static', family),
          { ...addresses, FAMILY: family },
          operation,
        )) ??
        (rules &&
          (await method(
            this.#netconf,
            'full-tunnel',
            on,
            'up',
            handleOf('full-tunnel', family),
            { ...rules, FAMILY: family },
            operation,
          )));
      if (failed !== undefined) return fail(failed);
    }
    const shaken = await this.#handshake(operation, configuration, seconds);
    if (!shaken) return { outcome: 'TIMEOUT', message: `no peer has answered in ${seconds} s` };
    return this.tell(operation, configuration, configuration.addresses);
  }

  /** Tells that it stands, where that is news. */
  async tell(
    { interface: on, event }: Operation,
    { dns, search }: Configuration,
    addresses: readonly string[],
  ): Promise<StepResult> {
    const { endpoints } = await show(this.#netconf, on);
    const data = dataOf(on, endpoints, addresses, dns, search);
    const before = this.#memory.read(on);
    this.#memory.write(on, data);
    if (JSON.stringify(before) !== JSON.stringify(data))
      this.#netconf.emit('vpn.up', data, { interface: on, cause: event });
    return { outcome: 'BIND', message: addresses.join(', ') };
  }

  /** Takes all of it back. What could not be. */
  async down(operation: Operation): Promise<string | undefined> {
    const { interface: on, event } = operation;
    const failures: (string | undefined)[] = [];
    for (const family of ['inet6', 'inet'] as const)
      for (const name of ['full-tunnel', 'static'] as const)
        failures.push(await this.#take(name, on, family, operation));
    failures.push(await method(this.#netconf, 'link', on, 'down', 'wireguard-link', {}, operation));
    failures.push(await method(this.#netconf, 'wireguard', on, 'down', 'wireguard', {}, operation));
    const before = this.#memory.last(on);
    this.#memory.remove(on);
    const data = before === undefined ? undefined : { ...before, reason: 'ifdown' };
    if (data !== undefined) this.#netconf.emit('vpn.down', data, { interface: on, cause: event });
    return failures.find(failure => failure !== undefined);
  }

  /** Tells again what stands, after a restart of netconfd. */
  recall(): void {
    for (const data of this.#memory.all()) this.#netconf.emit('vpn.up', data, { interface: data.dev });
  }

  #take(name: 'full-tunnel' | 'static', on: string, family: 'inet' | 'inet6', operation: Operation) {
    return method(this.#netconf, name, on, 'down', handleOf(name, family), { FAMILY: family }, operation);
  }

  /** Only where something is sent to a peer by itself: else nobody knows when there will be one. */
  async #handshake(operation: Operation, { peers }: Configuration, seconds: number): Promise<boolean> {
    if (seconds === 0 || !peers.some(({ hasEndpoint, keepsAlive }) => hasEndpoint && keepsAlive)) return true;
    operation.progress('waits for the first handshake');
    const end = performance.now() + seconds * 1000;
    for (;;) {
      if (operation.signal.aborted) return false;
      const { handshake } = await show(this.#netconf, operation.interface, operation);
      if (handshake > 0) return true;
      if (performance.now() >= end) return false;
      await new Promise(resolve => setTimeout(resolve, lookMs));
    }
  }
}

function handleOf(name: string, family: string): string {
  return `wireguard-${name}-${family}`;
}

function dataOf(
  dev: string,
  endpoints: Shown['endpoints'],
  addresses: readonly string[],
  dns: readonly string[],
  search: readonly string[],
): VpnData {
  const [only, another] = endpoints;
  const server = only !== undefined && another === undefined ? only : undefined;
  return {
    name: dev,
    dev,
    server: server?.address ?? '',
    ...(server !== undefined && { port: server.port, protocol: 'udp' as const }),
    addresses: [...addresses],
    dns: [...dns],
    search: [...search],
  };
}
