import {
  hosts4,
  hosts6,
  ipv4,
  leased4,
  lengthOfMask,
  most,
  routeOctets,
  routePairs,
  words,
} from './addresses.ts';
import type { Draft, Take } from './draft.ts';
import { into, unlessThere } from './draft.ts';
import { ntpServers } from './ntp-servers.ts';
import { domain, domains, duid, integer, posixTimezone, seconds, timezoneName, url } from './values.ts';

/** Time servers beside those that another option has told of. */
function alsoNtp(parse: (text: string) => string[]): Take {
  return (draft, text) => {
    draft.ntp = [...new Set([...(draft.ntp ?? []), ...parse(text)])].slice(0, most);
  };
}

/** What the options of DHCP mean, whatever a client calls them. */
export const option = {
  address: into('address', leased4),
  mask: into('prefixlen', lengthOfMask),
  prefixlen: into('prefixlen', integer(1, 32)),
  broadcast: into('broadcast', ipv4),
  routers: into('routers', text => words(text).map(leased4)),
  routeOctets: into('routes', routeOctets),
  routePairs: into('routes', routePairs),
  /** Option 249 and option 33, each where what comes before it has not told. */
  otherRouteOctets: unlessThere('routes', routeOctets),
  otherRoutePairs: unlessThere('routes', routePairs),
  mtu: into('mtu', integer(68, 65_535)),
  dns4: into('dns', hosts4),
  dns6: into('dns', hosts6),
  /** Many servers put a list of search domains here. */
  domain: (draft: Draft, text: string) => {
    const [first, ...others] = domains(text);
    draft.domain = first!;
    if (others.length > 0) draft.search ??= [first!, ...others];
  },
  search: into('search', domains),
  ntp4: into('ntp', hosts4),
  /** SNTP servers (RFC 4075), and those of {@link ntpOctets}, whichever comes first. */
  ntp6: alsoNtp(hosts6),
  ntpOctets: alsoNtp(ntpServers),
  ntpNames: alsoNtp(domains),
  hostname: into('hostname', domain),
  lease: into('lease', seconds),
  renew: into('renew', seconds),
  rebind: into('rebind', seconds),
  server4: into('server', leased4),
  server6: into('server', duid),
  smtp: into('smtp', hosts4),
  wpad: into('wpad', url),
  posixTimezone: (draft: Draft, text: string) => {
    draft.timezone = { ...draft.timezone, posix: posixTimezone(text) };
  },
  timezoneName: (draft: Draft, text: string) => {
    draft.timezone = { ...draft.timezone, name: timezoneName(text) };
  },
  nothing: () => undefined,
} satisfies { [name: string]: Take };
