import { BlockList, isIPv6 } from 'node:net';
import type { Configuration } from './configuration.ts';

type Environment = Readonly<Record<string, string>>;

/** What methods are told of one family: addresses and routes, and rules where all else is to go through the tunnel. */
export interface FamilyPart {
  family: 'inet' | 'inet6';
  addresses: Environment;
  rules?: Environment;
}

/** As that of OpenVPN: of default routes into tunnels, and the highest priority of their rules. */
export const tunnelTable = 28_259;

/** @param endpoints addresses of the peers, outside */
export function partsOf(configuration: Configuration, endpoints: readonly string[]): FamilyPart[] {
  return (['inet', 'inet6'] as const).flatMap(family => {
    const isOwn = (prefix: string) => isIPv6(prefix.split('/')[0]!) === (family === 'inet6');
    const addresses = configuration.addresses.filter(isOwn);
    if (addresses.length === 0) return [];
    const outside = endpoints.filter(address => isIPv6(address) === (family === 'inet6'));
    const near = listOf(addresses);
    const allowed = configuration.peers.flatMap(peer => peer.allowed).filter(isOwn);
    const { table, mtu } = configuration;
    const lines = table === 'off' ? [] : [...new Set(allowed)].filter(prefix => !isWithin(prefix, near));
    const routes = lines.map(prefix => {
      if (table !== 'auto') return `${prefix} table ${table}`;
      // What would swallow the tunnel's own packets is looked up in a table that these do not look up.
      const wide = prefix.endsWith('/0') || outside.some(address => holds(prefix, address));
      return wide ? `${prefix} table ${tunnelTable}` : prefix;
    });
    const isWide = routes.some(route => route.endsWith(` table ${tunnelTable}`));
    return {
      family,
      addresses: {
        IF_ADDRESS: addresses.join('\n'),
        ...(routes.length > 0 && { IF_ROUTES: routes.join('\n') }),
        ...(mtu !== undefined && { IF_MTU: String(mtu) }),
        ...(family === 'inet6' && { IF_DAD_ATTEMPTS: '0' }),
      },
      ...(isWide && { rules: { IF_TABLE: String(tunnelTable), IF_SERVERS: outside.join('\n') } }),
    };
  });
}

function listOf(prefixes: readonly string[]): { list: BlockList; shortest: number } {
  const list = new BlockList();
  let shortest = 128;
  for (const prefix of prefixes) {
    const [address = '', length = '0'] = prefix.split('/');
    list.addSubnet(address, Number(length), isIPv6(address) ? 'ipv6' : 'ipv4');
    shortest = Math.min(shortest, Number(length));
  }
  return { list, shortest };
}

/** The kernel has a way to the networks of the addresses by itself. */
function isWithin(prefix: string, { list, shortest }: { list: BlockList; shortest: number }): boolean {
  const [address = '', length = '0'] = prefix.split('/');
  return Number(length) >= shortest && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

function holds(prefix: string, address: string): boolean {
  const { list } = listOf([prefix]);
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
