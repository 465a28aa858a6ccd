import type { RouterOption } from 'netconf/plugin';
import { nothing, type Refused, type Settings } from '../model.ts';
import { domain, Sieve, server } from '../values.ts';

/** One address or domain that routers advertise: each has a lifetime of its own (RFC 8106, sections 5.1 and 5.2). */
export interface Advertised {
  name: string;
  settings: Settings;
  /** Seconds; 0: it is not to be used any more. */
  lifetime: number;
}

/** Of one interface: RFC 8106, section 5.3.1 asks for three at least. */
export const mostServers = 8;
export const mostDomains = 16;
/** For ever (RFC 8106). */
export const forever = 0xffff_ffff;

/** What an RDNSS or DNSSL option says; undefined for every other. */
export function ofRouter(
  { kind, lifetime, servers = [], domains = [] }: RouterOption,
  on: string,
): { advertised: Advertised[]; refused: readonly Refused[] } | undefined {
  if ((kind !== 'rdnss' && kind !== 'dnssl') || lifetime === undefined) return undefined;
  const sieve = new Sieve();
  const isServer = kind === 'rdnss';
  const good = isServer
    ? sieve.take(servers, text => server(text, on, 'network'))
    : sieve.take(domains, text => domain(text, 'network'));
  const advertised = good.map(value => ({
    name: value,
    settings: isServer ? { ...nothing, servers: [value] } : { ...nothing, search: [value] },
    lifetime,
  }));
  return { advertised, refused: sieve.refused };
}
