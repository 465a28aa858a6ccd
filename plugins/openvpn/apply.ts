import { BlockList, isIPv6 } from 'node:net';
import { failureOf, type Netconf, type Operation } from 'netconf/plugin';
import type { Inside, Pushed } from './report.ts';
import type { Settings } from './settings.ts';

type Environment = Readonly<Record<string, string>>;

/** What methods are told: addresses and routes of each family, and the rules that lead all else into the tunnel. */
export interface Applied {
  inet?: Environment;
  inet6?: Environment;
  rules?: Environment;
  rules6?: Environment;
  /** Neither: a tap device whose addresses others give. */
  link?: Environment;
}

/** Of default routes into tunnels, and the highest priority of their rules: no program is known to use this number. */
export const tunnelTable = 28_259;

const parts = {
  link: { method: 'link', family: 'inet' },
  inet: { method: 'static', family: 'inet' },
  inet6: { method: 'static', family: 'inet6' },
  rules: { method: 'full-tunnel', family: 'inet' },
  rules6: { method: 'full-tunnel', family: 'inet6' },
} as const;
type Part = keyof typeof parts;

/** What there is to be of what was pushed. */
export function appliedOf(pushed: Pushed, redirect: boolean, kind: 'tun' | 'tap' = 'tun'): Applied {
  const { inet, inet6, mtu, server, gateway } = pushed;
  // A tap device has many hosts behind it: one of them is the way.
  const via = kind === 'tap' && gateway !== undefined ? ` via ${gateway}` : '';
  const link = mtu === undefined ? {} : { IF_MTU: String(mtu) };
  if (inet === undefined && inet6 === undefined) return { link };
  const own = inet === undefined ? undefined : inFamily(inet, server, redirect ? `default${via}` : undefined);
  const own6 = inet6 === undefined ? undefined : inFamily(inet6, server, undefined);
  return {
    ...(own !== undefined && { inet: { ...own.environment, ...link } }),
    ...(own6 !== undefined && { inet6: { ...own6.environment, ...link, IF_DAD_ATTEMPTS: '0' } }),
    ...(own?.wide && { rules: rulesFor(server, false) }),
    ...(own6?.wide && { rules6: rulesFor(server, true) }),
  };
}

/** Routes that would swallow the tunnel's own packets go to a table of their own, which they do not look up. */
function inFamily({ address, peer, routes }: Inside, server: string | undefined, all: string | undefined) {
  const lines = routes.map(line => {
    const [destination = ''] = line.split(' ');
    return server !== undefined && covers(destination, server) ? `${line} table ${tunnelTable}` : line;
  });
  if (all !== undefined) lines.push(`${all} table ${tunnelTable}`);
  const wide = lines.some(line => line.endsWith(` table ${tunnelTable}`));
  const environment = {
    IF_ADDRESS: address,
    ...(peer !== undefined && { IF_POINTOPOINT: peer }),
    ...(lines.length > 0 && { IF_ROUTES: [...new Set(lines)].join('\n') }),
  };
  return { environment, wide };
}

function covers(destination: string, server: string): boolean {
  const [address = '', length = ''] = destination.split('/');
  const family = isIPv6(server) ? 'ipv6' : 'ipv4';
  if (isIPv6(address) !== isIPv6(server)) return false;
  const list = new BlockList();
  list.addSubnet(address, Number(length), family);
  return list.check(server, family);
}

function rulesFor(server: string | undefined, six: boolean): Environment {
  const servers = server !== undefined && isIPv6(server) === six ? { IF_SERVERS: server } : {};
  return { IF_TABLE: String(tunnelTable), ...servers };
}

/** The methods of one VPN: its device, and what lies on it. Each has a handle of its own. */
export class Methods {
  readonly #netconf: Pick<Netconf, 'runMethod'>;
  readonly #settings: Pick<Settings, 'dev' | 'kind'>;

  constructor(netconf: Pick<Netconf, 'runMethod'>, settings: Pick<Settings, 'dev' | 'kind'>) {
    this.#netconf = netconf;
    this.#settings = settings;
  }

  /** The device, without anything on it. The sentence why there is none. */
  device(operation?: Operation): Promise<string | undefined> {
    return this.#run('tun', 'up', 'openvpn-tun', { IF_KIND: this.#settings.kind }, operation);
  }

  /** Makes it what it is to be, and takes back what was before. Addresses come first, and the way for all else last. */
  async apply(wanted: Applied, before: Applied, operation?: Operation): Promise<string | undefined> {
    const order = Object.keys(parts) as Part[];
    for (const part of order.toReversed())
      if (before[part] !== undefined && wanted[part] === undefined) await this.#take(part, operation);
    for (const part of order) {
      const environment = wanted[part];
      if (environment === undefined) continue;
      const failed = await this.#part(part, 'up', environment, operation);
      if (failed !== undefined) return failed;
    }
    return undefined;
  }

  /** All of it, and the device. The first that could not be taken back. */
  async takeBack(operation?: Operation): Promise<string | undefined> {
    const failures: (string | undefined)[] = [];
    for (const part of (Object.keys(parts) as Part[]).toReversed())
      failures.push(await this.#take(part, operation));
    failures.push(await this.#run('tun', 'down', 'openvpn-tun', {}, operation));
    return failures.find(failure => failure !== undefined);
  }

  #take(part: Part, operation?: Operation): Promise<string | undefined> {
    return this.#part(part, 'down', {}, operation);
  }

  #part(part: Part, mode: 'up' | 'down', own: Environment, operation?: Operation) {
    const { method, family } = parts[part];
    const environment = { FAMILY: family, METHOD: 'openvpn', LOGICAL: this.#settings.dev, ...own };
    return this.#run(method, mode, `openvpn-${part}`, environment, operation);
  }

  async #run(
    method: string,
    mode: 'up' | 'down',
    handle: string,
    environment: Environment,
    operation: Operation | undefined,
  ): Promise<string | undefined> {
    const run = await this.#netconf.runMethod(method, {
      mode,
      interface: this.#settings.dev,
      handle,
      environment,
      ...(operation !== undefined && { operation }),
    });
    const failure = failureOf(run);
    const lines = run.output.split('\n').filter(line => line.trim() !== '');
    return failure === undefined ? undefined : (run.status !== null && lines.at(-1)) || failure;
  }
}
