import type { Lease } from 'netconf/plugin';
import type { Settings } from './settings.ts';

/** What the method `static` is told of a lease: the same lease is always told in the same words. */
export function environmentOf(settings: Settings, lease: Lease): Record<string, string> {
  const environment: Record<string, string> = { ...linkEnvironment(settings), ...addressesOf(lease) };
  const { metric } = settings;
  if (metric !== undefined) environment.IF_METRIC = String(metric);
  if (lease.mtu !== undefined) environment.IF_MTU ??= String(Math.max(lease.mtu, lowestMtu));
  return environment;

  function addressesOf({ family, address, prefixlen, broadcast, routers, routes, addresses = [] }: Lease) {
    if (family === 'inet6')
      return { IF_ADDRESS: addresses.map(each => `${each.address}/${each.prefixlen}`).join('\n') };
    const [router] = settings.defaultRoute === false ? [] : (routers ?? []);
    const taken = (routes ?? []).filter(({ dst }) => settings.defaultRoute !== false || !isDefault(dst));
    const lines = taken.map(({ dst, gateway }) =>
      [
        dst,
        ...(gateway === undefined ? [] : ['via', gateway]),
        ...(settings.metric === undefined ? [] : ['metric', String(settings.metric)]),
      ].join(' '),
    );
    return {
      IF_ADDRESS: `${address}/${prefixlen}`,
      ...(broadcast !== undefined && { IF_BROADCAST: broadcast }),
      // RFC 3442: where there are classless routes, routers do not count.
      ...(router !== undefined && routes === undefined && { IF_GATEWAY: router }),
      ...(lines.length > 0 && { IF_ROUTES: lines.join('\n') }),
    };
  }
}

function isDefault(prefix: string): boolean {
  return prefix === 'default' || prefix.endsWith('/0');
}

/** RFC 791: what every host must take; servers that say less mean something else. */
const lowestMtu = 576;

/** Options of the stanza that say how the addresses are to be: they are the lease's to say. */
const leased = [
  'IF_ADDRESS',
  'IF_NETMASK',
  'IF_BROADCAST',
  'IF_GATEWAY',
  'IF_ROUTES',
  'IF_POINTOPOINT',
  'IF_METRIC',
];

/** What the link is to be like before a client begins. */
export function linkEnvironment({ family, method, logical, options }: Settings): Record<string, string> {
  const own = Object.entries(options).filter(([name]) => !leased.includes(name));
  return { FAMILY: family, METHOD: method, LOGICAL: logical, ...Object.fromEntries(own) };
}
