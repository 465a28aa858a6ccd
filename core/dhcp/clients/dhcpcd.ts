import { host6 } from '../addresses.ts';
import { attempt } from '../draft.ts';
import { option } from '../options.ts';
import { integer, seconds } from '../values.ts';
import { type ClientTable, isoOptions, isoOptions6, isoReasons, table } from './client.ts';

/**
 * dhcpcd 9 and 10: dhcpcd-run-hooks(8). Of what it tells of links, routers and itself (CARRIER, ROUTERADVERT, STOPPED…)
 * nothing is a lease.
 */
export const dhcpcd: ClientTable = {
  client: 'dhcpcd',
  reasonOf: ({ variables }) => variables.get('reason') ?? '',
  reasons: {
    ...isoReasons,
    NAK: { fact: 'failed', family: 'inet' },
  },
  prefixes: { now: ['new_'], before: ['old_'] },
  others: /^[a-z][a-z0-9_]{0,63}$/,
  options: {
    inet: table({
      ...isoOptions,
      subnet_cidr: option.prefixlen,
      classless_static_routes: option.routePairs,
      ms_classless_static_routes: option.otherRoutePairs,
      wpad_url: option.wpad,
      posix_timezone: option.posixTimezone,
      tzdb_timezone: option.timezoneName,
    }),
    inet6: table({
      ...isoOptions6,
      dhcp6_ntp_server_addr: option.ntp6,
      dhcp6_ntp_server_fqdn: option.ntpNames,
      dhcp6_ntp_server_mcast_addr: option.nothing,
      dhcp6_posix_timezone: option.posixTimezone,
      dhcp6_tzdb_timezone: option.timezoneName,
      delegated_dhcp6_prefix: option.nothing,
    }),
  },
  /** `dhcp6_ia_na1_ia_addr1`, `dhcp6_ia_pd1_prefix1`, each with its times. */
  gather(variables, prefix, draft, refused) {
    const taken = new Set<string>();
    for (const [variable, text] of variables) {
      if (!variable.startsWith(prefix)) continue;
      const name = variable.slice(prefix.length);
      if (!/^dhcp6_ia_(?:na|ta|pd)\d+/.test(name)) continue;
      taken.add(name);
      if (text === null || !/^dhcp6_ia_(?:(?:na|ta)\d+_ia_addr\d+|pd\d+_prefix\d+)$/.test(name)) continue;
      const value = (more: string) => variables.get(`${variable}_${more}`) ?? undefined;
      attempt(variable, refused, () => {
        const preferred = seconds(value('pltime') ?? '4294967295');
        const valid = seconds(value('vltime') ?? '4294967295');
        const times = {
          ...(preferred !== undefined && { preferred }),
          ...(valid !== undefined && { valid }),
        };
        const address = host6(text);
        if (name.includes('_prefix')) {
          const length = integer(1, 128)(value('length') ?? '');
          draft.prefixes = [...(draft.prefixes ?? []), { prefix: `${address}/${length}`, ...times }];
        } else {
          draft.addresses = [...(draft.addresses ?? []), { address, prefixlen: 128, ...times }];
        }
      });
    }
    return taken;
  },
};
