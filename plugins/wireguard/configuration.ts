import { isIP, isIPv4 } from 'node:net';
import { readText } from '../../core/base/text/read-text.ts';
import type { Trust } from '../../core/base/trust.ts';

/** What netconf has to know of a configuration in the words of wg-quick(8); keys are between the file and wg(8). */
export interface Configuration {
  path: string;
  /** With prefix lengths: `10.31.0.1/24`. */
  addresses: readonly string[];
  dns: readonly string[];
  search: readonly string[];
  mtu?: number;
  /** Where routes go: a table's number; `off` for none. */
  table: 'auto' | 'off' | number;
  peers: readonly Peer[];
  /** Settings that are not followed, with FILE:LINE. */
  notices: readonly string[];
}

export interface Peer {
  allowed: readonly string[];
  hasEndpoint: boolean;
  /** It is sent something every so often, so that there is a handshake by itself. */
  keepsAlive: boolean;
}

const mostPrefixes = 4000;
/** wg(8) knows them, and says what is wrong with them. */
const wgs = new Set([
  'privatekey',
  'listenport',
  'fwmark',
  'publickey',
  'presharedkey',
  'endpoint',
  'persistentkeepalive',
]);
const commands = new Set(['preup', 'postup', 'predown', 'postdown', 'saveconfig']);

/** Throws a sentence that begins with FILE:LINE. No value of a key is told: it might be a secret in a wrong place. */
export function readConfiguration(path: string, trust: (path: string) => Trust): Configuration {
  const read = readText(path, trust);
  if ('problem' in read) throw new Error(`${path}: ${read.problem.message}`);
  const lists = {
    addresses: [] as string[],
    dns: [] as string[],
    search: [] as string[],
    notices: [] as string[],
  };
  const peers: { allowed: string[]; hasEndpoint: boolean; keepsAlive: boolean }[] = [];
  let section = '';
  let mtu: number | undefined;
  let table: Configuration['table'] = 'auto';
  let prefixes = 0;
  for (const [at, raw] of read.text.split('\n').entries()) {
    const line = raw.replace(/#.*/, '').trim();
    if (line === '') continue;
    const place = `${path}:${at + 1}`;
    if (/^\[(interface|peer)\]$/i.test(line)) {
      section = line.toLowerCase();
      if (section === '[peer]') peers.push({ allowed: [], hasEndpoint: false, keepsAlive: false });
      continue;
    }
    const [, name = '', value = ''] = /^([A-Za-z]+)\s*=\s*(.*)$/.exec(line) ?? [];
    const key = name.toLowerCase();
    const values = value
      .split(',')
      .map(each => each.trim())
      .filter(each => each !== '');
    const peer = peers.at(-1);
    if (section === '[interface]' && key === 'address') {
      lists.addresses.push(...values.map(each => prefixOf(each, place, name)));
    } else if (section === '[interface]' && key === 'dns') {
      for (const each of values) {
        if (isIP(each) !== 0) lists.dns.push(each);
        else if (isDomain(each)) lists.search.push(each);
        else throw new Error(`${place}: DNS: neither an address nor a domain`);
      }
    } else if (section === '[interface]' && key === 'mtu') {
      mtu = Number(value);
      if (!Number.isSafeInteger(mtu) || mtu < 68 || mtu > 65_535)
        throw new Error(`${place}: MTU: no number from 68 to 65535`);
    } else if (section === '[interface]' && key === 'table') {
      table = tableOf(value.toLowerCase(), place);
    } else if (section === '[interface]' && commands.has(key)) {
      lists.notices.push(`${place}: ${name} is not followed: interfaces(5) and hook scripts have commands`);
    } else if (section === '[peer]' && key === 'allowedips' && peer !== undefined) {
      prefixes += values.length;
      if (prefixes > mostPrefixes) throw new Error(`${place}: AllowedIPs: more than ${mostPrefixes} in all`);
      peer.allowed.push(...values.map(each => prefixOf(each, place, name)));
    } else if (!wgs.has(key) || section === '') {
      throw new Error(
        `${place}: nothing that wg(8) or wg-quick(8) know in ${section === '' ? 'no section' : section}`,
      );
    }
    if (peer !== undefined && key === 'endpoint') peer.hasEndpoint = true;
    if (peer !== undefined && key === 'persistentkeepalive') peer.keepsAlive = /^[1-9]\d*$/.test(value);
  }
  return { path, ...lists, ...(mtu !== undefined && { mtu }), table, peers };
}

function prefixOf(text: string, place: string, name: string): string {
  const [address = '', length, more] = text.split('/');
  const longest = isIPv4(address) ? 32 : 128;
  const good = length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= longest);
  if (isIP(address) === 0 || !good || more !== undefined)
    throw new Error(`${place}: ${name}: no address or prefix`);
  return `${address}/${length ?? longest}`;
}

function tableOf(text: string, place: string): Configuration['table'] {
  if (text === 'auto' || text === 'off') return text;
  if (text === 'main') return 254;
  const number = Number(text);
  if (/^\d{1,10}$/.test(text) && number > 0 && number < 2 ** 31 && number !== 255) return number;
  throw new Error(`${place}: Table: auto, off or a table's number were expected`);
}

function isDomain(name: string): boolean {
  const labels = name.replace(/\.$/, '').split('.');
  const label = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;
  return name.length <= 253 && labels.every(each => label.test(each));
}
