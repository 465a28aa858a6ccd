import type { NextHop, Route } from '../../bus/objects.ts';
import { type Attribute, find, type Hop } from '../wire/attributes.ts';
import { AF_INET, RT_TABLE_MAIN, RTN_UNICAST } from '../wire/constants.ts';
import { readU16, readU32 } from '../wire/endian.ts';
import type { Message } from '../wire/message.ts';
import { hex, ipText } from './addresses.ts';
import { familyName } from './families.ts';
import { bytesOf, flagNames, headerOf, nestedOf, numberOf, present, unknownOf } from './fields.ts';
import type { LinkNames } from './link-names.ts';
import { names } from './names.ts';

/**
 * RTM_NEWROUTE as `ip -j route show table all` prints it, with the family beside it. `age` is the time in seconds
 * since the message came: `expires` counts down from it.
 */
export function routeObject(message: Message, links: LinkNames, age = 0): Route {
  const { attributes } = message;
  const number = (name: string) => numberOf(attributes, name);
  const family = headerOf(message, 'family');
  const table = tableOf(message);
  const type = headerOf(message, 'type');
  const protocol = headerOf(message, 'protocol');
  const scope = headerOf(message, 'scope');
  const tos = headerOf(message, 'tos');
  const newDestination = bytesOf(attributes, 'newdst');
  const source = prefix(message, 'src', 'src_len');
  const prefsrc = bytesOf(attributes, 'prefsrc');
  const mark = number('mark');
  const iif = number('iif');
  const pref = number('pref');
  const hops = find(attributes, 'multipath');
  const metrics = nestedOf(attributes, 'metrics');
  return present<Route>({
    family: familyName(family),
    type: type === RTN_UNICAST ? undefined : (routeTypes[type] ?? String(type)),
    dst: prefix(message, 'dst', 'dst_len') ?? 'default',
    from: source,
    to: newDestination && ipText(newDestination),
    nhid: number('nh_id'),
    encap: encapsulation(attributes),
    tos: tos ? names.dsfield(tos, value => `0x${value.toString(16).padStart(2, '0')}`) : undefined,
    ...towards(attributes, links),
    table: table && table !== RT_TABLE_MAIN ? names.table(table) : undefined,
    protocol: protocol === 3 ? undefined : names.protocol(protocol),
    scope: scope === 0 ? undefined : names.scope(scope),
    prefsrc: prefsrc && ipText(prefsrc),
    metric: number('priority'),
    flags: flagNames(headerOf(message, 'flags'), routeFlags),
    mark: mark ? mark : undefined,
    ...realms(number('flow')),
    ...expiry(message, age),
    metrics: metrics && metricsObject(metrics),
    iif: iif === undefined ? undefined : links.of(iif),
    nexthops: Array.isArray(hops) ? (hops as Hop[]).map(hop => hopObject(hop, links, family)) : undefined,
    pref: pref === undefined ? undefined : (preferences[pref] ?? String(pref)),
    ttl_propagate: number('ttl_propagate') === undefined ? undefined : number('ttl_propagate') !== 0,
    ...unknownOf(attributes),
  });
}

function tableOf(message: Message): number {
  return numberOf(message.attributes, 'table') ?? headerOf(message, 'table');
}

/** `10.0.0.0/8`, `10.0.0.1`, or undefined where nothing narrows it. */
function prefix(message: Message, attribute: string, length: string): string | undefined {
  const bytes = bytesOf(message.attributes, attribute);
  const bits = headerOf(message, length);
  if (bytes === undefined) return bits === 0 ? undefined : `0/${bits}`;
  return bits === bytes.length * 8 ? ipText(bytes) : `${ipText(bytes)}/${bits}`;
}

function towards(attributes: Attribute[], links: LinkNames): Pick<Route, 'gateway' | 'via' | 'dev'> {
  const gateway = bytesOf(attributes, 'gateway');
  const via = bytesOf(attributes, 'via');
  const oif = numberOf(attributes, 'oif');
  return present<Pick<Route, 'gateway' | 'via' | 'dev'>>({
    gateway: gateway && ipText(gateway),
    via:
      via && via.length > 2
        ? { family: familyName(readU16(via, 0)), host: ipText(via.subarray(2)) }
        : undefined,
    dev: oif === undefined ? undefined : links.of(oif),
  });
}

function hopObject(hop: Hop, links: LinkNames, family: number): NextHop {
  return present<NextHop>({
    ...towards(hop.attributes, links),
    encap: encapsulation(hop.attributes),
    ...realms(numberOf(hop.attributes, 'flow')),
    dev: links.of(hop.ifindex),
    weight: family === AF_INET || hop.hops >= 0 ? hop.hops + 1 : undefined,
    flags: flagNames(hop.flags, routeFlags),
  });
}

/** Kept as it is: the type's name and the attributes in hexadecimal. */
function encapsulation(attributes: Attribute[]): string | undefined {
  const type = numberOf(attributes, 'encap_type');
  const bytes = bytesOf(attributes, 'encap');
  if (type === undefined || bytes === undefined) return undefined;
  return `${encapsulations[type] ?? type} ${hex(bytes)}`;
}

function realms(flow: number | undefined): Pick<Route, 'flow'> {
  if (flow === undefined) return {};
  const [from, to] = [flow >>> 16, flow & 0xffff];
  return { flow: { ...(from && { from: names.realm(from) }), to: names.realm(to) } };
}

/** `struct rta_cacheinfo`: references, last use, expires (hundredths of a second), error, used. */
function expiry(message: Message, age: number): Pick<Route, 'expires' | 'error'> {
  const cache = bytesOf(message.attributes, 'cacheinfo');
  if (cache === undefined || cache.length < 16 || headerOf(message, 'family') === AF_INET) return {};
  const expires = readU32(cache, 8) | 0;
  const error = readU32(cache, 12) | 0;
  return present<Pick<Route, 'expires' | 'error'>>({
    expires: expires === 0 ? undefined : Math.max(0, Math.trunc(expires / 100) - Math.floor(age)),
    error: error === 0 ? undefined : error,
  });
}

function metricsObject(metrics: Attribute[]): Record<string, number | string | null | string[]>[] {
  const lock = numberOf(metrics, 'lock') ?? 0;
  const shown: Record<string, number | string | null | string[]> = {};
  const locked: string[] = [];
  for (const { type, name = `metric ${type}`, value } of metrics) {
    if (name === 'lock' || (name === 'hoplimit' && value === 0xffff_ffff)) continue;
    if (lock & (1 << type)) locked.push(name);
    if (name === 'features') for (const feature of flagNames(Number(value), features)) shown[feature] = null;
    else if (name === 'rtt') shown.rtt = Math.floor(Number(value) / 8);
    else if (name === 'rttvar') shown.rttvar = Math.floor(Number(value) / 4);
    else if (typeof value === 'number' || typeof value === 'string') shown[name] = value;
  }
  if (locked.length > 0) shown.locked = locked;
  return [shown];
}

export const routeTypes: readonly string[] = [
  'none',
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
  'nat',
  'xresolve',
];

const preferences: Readonly<Record<number, string>> = { 0: 'medium', 1: 'high', 3: 'low' };
const encapsulations = [
  'none',
  'mpls',
  'ip',
  'ila',
  'ip6',
  'seg6',
  'bpf',
  'seg6local',
  'rpl',
  'ioam6',
  'xfrm',
];
const features: readonly (readonly [number, string])[] = [
  [0x1, 'ecn'],
  [0x10, 'tcp_usec_ts'],
];

/** RTNH_F_… and RTM_F_… of linux/rtnetlink.h. */
const routeFlags: readonly (readonly [number, string])[] = [
  [1, 'dead'],
  [4, 'onlink'],
  [2, 'pervasive'],
  [8, 'offload'],
  [64, 'trap'],
  [0x100, 'notify'],
  [16, 'linkdown'],
  [32, 'unresolved'],
  [0x4000, 'rt_offload'],
  [0x8000, 'rt_trap'],
  [0x2000_0000, 'rt_offload_failed'],
];
