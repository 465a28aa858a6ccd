import { host6, words } from '../addresses.ts';
import { attempt, type Draft, type Refused } from '../draft.ts';
import { option } from '../options.ts';
import { refuse } from '../refusal.ts';
import { integer, seconds } from '../values.ts';
import { type ClientTable, isoOptions, isoOptions6, isoReasons, table } from './client.ts';

/** ISC dhclient 4.4: dhclient-script(8), dhcp-options(5). It runs the script once for each DHCPv6 address and prefix. */
export const dhclient: ClientTable = {
  client: 'dhclient',
  reasonOf: ({ variables }) => variables.get('reason') ?? '',
  reasons: isoReasons,
  prefixes: { now: ['new_'], before: ['old_'] },
  others: /^[a-z][a-z0-9_]{0,63}$/,
  options: {
    inet: table({
      ...isoOptions,
      rfc3442_classless_static_routes: option.routeOctets,
      classless_static_routes: option.otherRouteOctets,
      ms_classless_static_routes: option.otherRouteOctets,
      wpad: option.wpad,
      pcode: option.posixTimezone,
      tcode: option.timezoneName,
      expiry: option.nothing,
    }),
    inet6: table({
      ...isoOptions6,
      dhcp6_ntp_server: option.ntpOctets,
      dhcp6_new_posix_timezone: option.posixTimezone,
      dhcp6_new_tzdb_timezone: option.timezoneName,
      renew: option.renew,
      rebind: option.rebind,
      starts: option.nothing,
      life_starts: option.nothing,
      iaid: option.nothing,
    }),
  },
  gather(variables, prefix, draft, refused) {
    const value = (name: string) => variables.get(`${prefix}${name}`) ?? undefined;
    const times = timesOf(value, refused, prefix);
    const address = value('ip6_address');
    if (address !== undefined) {
      attempt(`${prefix}ip6_address`, refused, () => {
        const prefixlen = integer(1, 128)(value('ip6_prefixlen') ?? '128');
        draft.addresses = [{ address: host6(address), prefixlen, ...times }];
      });
    }
    const delegated = value('ip6_prefix');
    if (delegated !== undefined) {
      attempt(`${prefix}ip6_prefix`, refused, () => {
        draft.prefixes = words(delegated).map(each => ({ prefix: prefix6(each), ...times }));
      });
    }
    return new Set(['ip6_address', 'ip6_prefixlen', 'ip6_prefix', 'preferred_life', 'max_life']);
  },
};

/** `2001:db8:1::/48`. */
export function prefix6(text: string): string {
  const [address = '', length = ''] = text.split('/');
  return `${host6(address)}/${integer(1, 128)(length || refuse('no prefix'))}`;
}

function timesOf(
  value: (name: string) => string | undefined,
  refused: Refused,
  prefix: string,
): { preferred?: number; valid?: number } {
  const times: Pick<Draft, 'lease' | 'renew'> & { preferred?: number; valid?: number } = {};
  for (const [name, field] of [
    ['preferred_life', 'preferred'],
    ['max_life', 'valid'],
  ] as const) {
    const text = value(name);
    if (text === undefined) continue;
    attempt(`${prefix}${name}`, refused, () => {
      const found = seconds(text);
      if (found !== undefined) times[field] = found;
    });
  }
  return times;
}
