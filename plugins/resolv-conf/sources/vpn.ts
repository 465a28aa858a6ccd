import { nothing, type Reading } from '../model.ts';
import { domain, Sieve, server } from '../values.ts';

/** What a plugin that runs a VPN says when it is up or down; that plugin may be anybody's, so nothing is certain. */
export interface VpnReading extends Reading {
  /** Of the VPN. */
  name: string;
  /** The tunnel, where the event says so itself. */
  dev?: string;
}

/** What `vpn.up` says: `{name, dev, dns, search, domain}`. Undefined for what has no usable name. */
export function ofVpn(
  data: Readonly<Record<string, unknown>>,
  on: string | undefined,
): VpnReading | undefined {
  const { name, dev, dns, search, domain: own } = data;
  if (typeof name !== 'string' || name === '' || name.length > 128) return undefined;
  const link = on ?? (typeof dev === 'string' ? dev : undefined);
  const sieve = new Sieve();
  const names = [...(own === undefined || own === null || own === '' ? [] : [own]), ...list(search)];
  return {
    ...nothing,
    name: name.replaceAll(/[^\x21-\x7e]/g, '?'),
    ...(link !== undefined && { dev: link }),
    servers: sieve.take(list(dns), text => server(text, link ?? '', 'network')),
    search: sieve.take(names, text => domain(text, 'network')),
    refused: sieve.refused,
  };
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
