import { host6, most } from './addresses.ts';
import { refuse } from './refusal.ts';
import { domain } from './values.ts';

/** Suboptions of option 56 of DHCPv6 (RFC 5908); the second is a group, not a server. */
const serverAddress = 1;
const multicastAddress = 2;
const serverName = 3;
const mostOctets = 4096;

/** Addresses and names of time servers, from the octets of all options 56: `0:3:0:e:3:6e:74:70…`. */
export function ntpServers(text: string): string[] {
  const octets = octetsOf(text);
  const found: string[] = [];
  for (let at = 0; at < octets.length; ) {
    if (octets.length < at + 4) refuse('its last suboption is cut off');
    const code = octets.readUInt16BE(at);
    const end = at + 4 + octets.readUInt16BE(at + 2);
    if (octets.length < end) refuse('its last suboption is cut off');
    const value = octets.subarray(at + 4, end);
    if (code === serverAddress) found.push(addressOf(value));
    else if (code === serverName) found.push(nameOf(value));
    else if (code !== multicastAddress) refuse('a suboption that RFC 5908 does not have');
    at = end;
  }
  return found.length > most ? refuse(`more than ${most} entries`) : found;
}

function octetsOf(text: string): Buffer {
  const octets = text.split(':');
  if (octets.length > mostOctets) refuse(`more than ${mostOctets} octets`);
  return octets.every(octet => /^[0-9a-fA-F]{1,2}$/.test(octet))
    ? Buffer.from(octets.map(octet => Number.parseInt(octet, 16)))
    : refuse('no list of octets');
}

function addressOf(value: Buffer): string {
  if (value.length !== 16) refuse('an address that is not of 16 octets');
  return host6(value.toString('hex').replaceAll(/(.{4})(?=.)/g, '$1:'));
}

/** Labels, each with its length before it, up to an empty one (RFC 1035, without compression). */
function nameOf(value: Buffer): string {
  const labels: string[] = [];
  let at = 0;
  for (let length = value[at]; length !== undefined && length > 0; length = value[at]) {
    if (length > 63 || at + length >= value.length) refuse('a name that is cut off, or compressed');
    labels.push(value.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return at === value.length - 1
    ? domain(labels.join('.'))
    : refuse('a name that does not end where it should');
}
