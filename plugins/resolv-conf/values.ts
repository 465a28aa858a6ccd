import { isIPv4, isIPv6 } from 'node:net';
import type { Refused } from './model.ts';

/** Who says it: the administrator of this machine, who may name a server on it, or somebody on the network. */
export type Trust = 'own' | 'network';

/** More of one kind from one source is nothing that anybody needs. */
const most = 64;
const longestShown = 80;
const label = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;
/** Options of resolv.conf(5) with a number, and what glibc takes (its RES_MAX constants). */
const highest: Readonly<Record<string, number>> = { ndots: 15, timeout: 30, attempts: 5 };

/** Gathers values that a check has let through, each once, and refusals of the others. */
export class Sieve {
  readonly refused: Refused[] = [];

  take(values: Iterable<unknown>, check: (value: string) => string): string[] {
    const good = new Set<string>();
    let count = 0;
    for (const value of values) {
      if (++count > most) {
        this.#refuse('…', `more than ${most} of them`);
        break;
      }
      try {
        if (typeof value !== 'string') throw new TypeError('no text');
        good.add(check(value));
      } catch (error) {
        this.#refuse(shown(value), (error as Error).message);
      }
    }
    return [...good];
  }

  #refuse(value: string, reason: string): void {
    if (this.refused.length < most) this.refused.push({ value, reason });
  }
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, longestShown)) : typeof value;
  return text.replaceAll(/[^\x20-\x7e]/g, '?');
}

/** The address of a name server. Throws an Error that says why it can be none. */
export function server(text: string, on: string, trust: Trust): string {
  const [address = '', zone, ...rest] = text.split('%');
  if (isIPv4(address) && zone === undefined) return ipv4(address, trust);
  if (!isIPv6(address) || rest.length > 0) throw new Error('no address');
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const first = Number.parseInt(canonical.split(':')[0] || '0', 16);
  if (canonical === '::') throw new Error('the unspecified address');
  if (canonical === '::1' && trust === 'network') throw new Error('an address of this machine itself');
  if (canonical.startsWith('::ffff:')) throw new Error('an IPv4 address within an IPv6 one');
  if (first >= 0xff00) throw new Error('a multicast address');
  const linkLocal = first >= 0xfe80 && first <= 0xfebf;
  if (zone !== undefined && !linkLocal) throw new Error('a zone after an address that is not link-local');
  if (!linkLocal) return canonical;
  if (zone !== undefined && zone !== on && trust === 'network') throw new Error(`a zone that is not ${on}`);
  if (!zoneName.test(zone ?? on)) throw new Error('a zone that resolvers cannot take');
  return `${canonical}%${zone ?? on}`;
}

/** What resolvers take for the name of an interface behind a `%`. */
export const zoneName = /^[A-Za-z0-9._:-]{1,15}$/;

function ipv4(address: string, trust: Trust): string {
  const first = Number(address.split('.')[0]);
  if (first === 0) throw new Error('the unspecified address');
  if (first === 127 && trust === 'network') throw new Error('an address of this machine itself');
  if (first >= 224 && first < 240) throw new Error('a multicast address');
  if (first >= 240) throw new Error('a reserved or broadcast address');
  return address;
}

/**
 * A name of the DNS (RFC 1035, section 2.3.4; RFC 1123, section 2.1), without its final dot. The underscore is let
 * through: it is no part of a host's name, but of domains that exist.
 */
export function domain(text: string, trust: Trust): string {
  if (text === '.' && trust === 'own') return text;
  const name = text.replace(/\.$/, '').toLowerCase();
  if (name.length === 0 || name.length > 253) throw new Error('no name of 1 to 253 characters');
  if (!name.split('.').every(part => label.test(part))) throw new Error('no name of the DNS');
  return name;
}

/** A word after `options` of resolv.conf(5). What a later libc may know passes as well. */
export function option(text: string): string {
  const [, name = '', number] = /^([a-z][a-z0-9-]{0,31})(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (name === '') throw new Error('no option of resolv.conf');
  const limit = Object.hasOwn(highest, name) ? highest[name]! : undefined;
  if (limit !== undefined && (number === undefined || Number(number) > limit))
    throw new Error(`${name} takes a number from 0 to ${limit}, as ${name}:1`);
  return text;
}

/** A pair of sortlist of resolv.conf(5): an IPv4 address, perhaps with its netmask. */
export function sortPair(text: string): string {
  const parts = text.split('/');
  if (parts.length > 2 || !parts.every(part => isIPv4(part)))
    throw new Error('no IPv4 address, or pair of address/netmask');
  return text;
}
