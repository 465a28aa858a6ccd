import type { Rule } from '../../bus/objects.ts';
import { readU16, readU32 } from '../wire/endian.ts';
import type { Message } from '../wire/message.ts';
import { ipText } from './addresses.ts';
import { familyName } from './families.ts';
import { bytesOf, headerOf, numberOf, present, textOf, unknownOf } from './fields.ts';
import { names } from './names.ts';
import { routeTypes } from './route.ts';

/** RTM_NEWRULE as `ip -j rule` prints it, with the family beside it. */
export function ruleObject(message: Message): Rule {
  const { attributes } = message;
  const number = (name: string) => numberOf(attributes, name);
  const flags = headerOf(message, 'flags');
  const tos = headerOf(message, 'tos');
  const action = headerOf(message, 'action');
  const source = bytesOf(attributes, 'src');
  const destination = bytesOf(attributes, 'dst');
  const family = headerOf(message, 'family');
  const host = family === 10 ? 128 : 32;
  const [sourceLength, destinationLength] = [headerOf(message, 'src_len'), headerOf(message, 'dst_len')];
  const mark = number('fwmark');
  const mask = number('fwmask');
  const users = bytesOf(attributes, 'uid_range');
  const protocol = number('ip_proto');
  const owner = number('protocol');
  const l3mdev = number('l3mdev') === 1;
  const table = number('table') ?? headerOf(message, 'table');
  const prefixlen = number('suppress_prefixlen');
  const group = number('suppress_ifgroup');
  const flow = number('flow');
  const tunnel = bytesOf(attributes, 'tun_id');
  return present<Rule>({
    family: familyName(family),
    priority: number('priority') ?? 0,
    not: flags & inverted ? null : undefined,
    src: source ? ipText(source) : sourceLength ? '0' : 'all',
    srclen: sourceLength && (sourceLength !== host || !source) ? sourceLength : undefined,
    dst: destination ? ipText(destination) : destinationLength ? '0' : undefined,
    dstlen: destinationLength && (destinationLength !== host || !destination) ? destinationLength : undefined,
    tos: tos ? names.dsfield(tos, value => `0x${value.toString(16).padStart(2, '0')}`) : undefined,
    fwmark: mark || mask ? hexadecimal(mark ?? 0) : undefined,
    fwmask: mask !== undefined && mask !== 0xffff_ffff && (mark || mask) ? hexadecimal(mask) : undefined,
    iif: textOf(attributes, 'iifname'),
    iif_detached: flags & iifDetached ? null : undefined,
    oif: textOf(attributes, 'oifname'),
    oif_detached: flags & oifDetached ? null : undefined,
    l3mdev: l3mdev ? null : undefined,
    uid_start: users && users.length >= 8 ? readU32(users, 0) : undefined,
    uid_end: users && users.length >= 8 ? readU32(users, 4) : undefined,
    ipproto: protocol === undefined ? undefined : (protocols[protocol] ?? `ipproto-${protocol}`),
    ...ports('sport', bytesOf(attributes, 'sport_range')),
    ...ports('dport', bytesOf(attributes, 'dport_range')),
    tun_id: tunnel && tunnel.length === 8 ? Number(Buffer.from(tunnel).readBigUInt64BE()) : undefined,
    table: table && !l3mdev ? names.table(table) : undefined,
    suppress_prefixlen: table && prefixlen !== undefined && prefixlen !== none ? prefixlen : undefined,
    suppress_ifgroup: table && group !== undefined && group !== none ? names.group(group) : undefined,
    flow_from: flow !== undefined && flow >>> 16 ? names.realm(flow >>> 16) : undefined,
    flow_to: flow !== undefined ? names.realm(flow & 0xffff) : undefined,
    ...outcome(action, number('goto'), (flags & unresolved) !== 0),
    protocol: owner && owner !== kernel ? names.protocol(owner) : undefined,
    ...unknownOf(attributes),
  });
}

function outcome(action: number, target: number | undefined, isUnresolved: boolean): Partial<Rule> {
  if (action === toTable) return {};
  if (action === goTo) return { goto: target ?? 'none', ...(isUnresolved && { unresolved: null }) };
  if (action === nop) return { nop: null };
  return { action: routeTypes[action] ?? String(action) };
}

/** `struct fib_rule_port_range` in the byte order of the machine. */
function ports(name: 'sport' | 'dport', range: Uint8Array | undefined): Partial<Rule> {
  if (range === undefined || range.length !== 4) return {};
  const [start, end] = [readU16(range, 0), readU16(range, 2)];
  return start === end ? { [name]: start } : { [`${name}_start`]: start, [`${name}_end`]: end };
}

function hexadecimal(value: number): string {
  return `0x${value.toString(16)}`;
}

/** FIB_RULE_… and FR_ACT_… of linux/fib_rules.h; RTPROT_KERNEL. */
const [inverted, unresolved, iifDetached, oifDetached] = [0x2, 0x4, 0x8, 0x10];
const [toTable, goTo, nop] = [1, 2, 3];
const kernel = 2;
const none = 0xffff_ffff;

const protocols: Readonly<Record<number, string>> = {
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  58: 'ipv6-icmp',
  132: 'sctp',
};
