import type { Lease } from 'netconf/plugin';
import { nothing, type Reading } from '../model.ts';
import { domain, Sieve, server } from '../values.ts';

/** What a DHCP server says of names: servers, the domain, and the search list. */
export function ofLease(lease: Lease, on: string): Reading {
  const sieve = new Sieve();
  const names = [...(lease.domain === undefined ? [] : [lease.domain]), ...(lease.search ?? [])];
  return {
    ...nothing,
    servers: sieve.take(lease.dns ?? [], text => server(text, on, 'network')),
    search: sieve.take(names, text => domain(text, 'network')),
    refused: sieve.refused,
  };
}
