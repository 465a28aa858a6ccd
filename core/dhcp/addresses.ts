import { isIPv4, isIPv6 } from 'node:net';
import type { LeaseRoute } from '../bus/lease.ts';
import { refuse } from './refusal.ts';

/** Entries of any list that a server may send. */
export const most = 64;

/** Words between blanks or commas. */
export function words(text: string): string[] {
  const found = text.split(/[ ,]+/).filter(word => word !== '');
  if (found.length === 0) refuse('it is empty');
  if (found.length > most) refuse(`more than ${most} entries`);
  return found;
}

export function ipv4(text: string): string {
  return isIPv4(text) ? text : refuse('no IPv4 address');
}

/** The address of one machine. */
function host4(text: string): string {
  const first = Number(ipv4(text).split('.', 1)[0]);
  return first === 0 || first >= 224 ? refuse('no address of one machine') : text;
}

/** One that an interface may get from outside: not of the loopback either. */
export function leased4(text: string): string {
  return host4(text).startsWith('127.') ? refuse('an address of the loopback') : text;
}

export function hosts4(text: string): string[] {
  return words(text).map(host4);
}

/** An IPv6 address in the form of RFC 5952, without a zone. */
export function host6(text: string): string {
  if (!isIPv6(text) || text.includes('%')) refuse('no IPv6 address');
  const address = new URL(`http://[${text}]`).hostname.slice(1, -1);
  return address === '::' || address === '::1' || address.startsWith('ff')
    ? refuse('no address of one machine')
    : address;
}

export function hosts6(text: string): string[] {
  return words(text).map(host6);
}

/** The length of a netmask, which must have all its ones at the front. */
export function lengthOfMask(text: string): number {
  const bits = number4(ipv4(text)).toString(2).padStart(32, '0');
  return /^1+0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : refuse('no netmask');
}

/** `198.51.100.0/24 192.0.2.9 …`; a destination without a length has that of its class (option 33). */
export function routePairs(text: string): LeaseRoute[] {
  const all = text.split(/[ ,]+/).filter(word => word !== '');
  if (all.length === 0 || all.length % 2 !== 0) refuse('no pairs of a destination and a gateway');
  if (all.length > 2 * most) refuse(`more than ${most} routes`);
  return all.flatMap((destination, at) => (at % 2 === 0 ? [routeOf(destination, all[at + 1]!)] : []));
}

/** RFC 3442 in octets: `24 198 51 100 192 0 2 9`. */
export function routeOctets(text: string): LeaseRoute[] {
  const octets = text.split(/[ ,.:]+/).filter(word => word !== '');
  if (octets.length === 0) refuse('it is empty');
  if (octets.length > 9 * most) refuse(`more than ${most} routes`);
  if (octets.some(octet => !/^\d{1,3}$/.test(octet) || Number(octet) > 255)) refuse('no list of octets');
  const routes: LeaseRoute[] = [];
  for (let at = 0; at < octets.length; ) {
    const length = Number(octets[at++]);
    if (length > 32) refuse('a prefix longer than 32');
    const significant = Math.ceil(length / 8);
    if (octets.length < at + significant + 4) refuse('its last route is cut off');
    const destination = [...octets.slice(at, at + significant), 0, 0, 0, 0].slice(0, 4).map(Number);
    at += significant;
    routes.push(
      routeOf(
        `${destination.join('.')}/${length}`,
        octets
          .slice(at, at + 4)
          .map(Number)
          .join('.'),
      ),
    );
    at += 4;
  }
  return routes;
}

function routeOf(destination: string, gateway: string): LeaseRoute {
  const [address = '', given] = destination.split('/');
  const number = number4(ipv4(address));
  const length = given === undefined ? lengthOfClass(number) : Number(given);
  if (!/^\d{1,2}$/.test(given ?? '0') || length > 32) refuse('no prefix');
  // Bits of the host are to be cut off (RFC 3442).
  const network = length === 0 ? 0 : ((number >>> (32 - length)) << (32 - length)) >>> 0;
  const dst = length === 0 ? 'default' : `${text4(network)}/${length}`;
  // 0.0.0.0: on the link.
  return ipv4(gateway) === '0.0.0.0' ? { dst } : { dst, gateway: host4(gateway) };
}

/** A route without a mask: to a machine where bits of the host are set, else to a network of its class. */
function lengthOfClass(number: number): number {
  if (number === 0) return 0;
  const first = number >>> 24;
  const length = first < 128 ? 8 : first < 192 ? 16 : 24;
  return (number << length) >>> 0 === 0 ? length : 32;
}

function number4(address: string): number {
  return address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

function text4(number: number): string {
  return [24, 16, 8, 0].map(shift => (number >>> shift) & 255).join('.');
}
