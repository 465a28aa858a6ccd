import type { Link, LinkInfo } from '../../bus/objects.ts';
import type { Attribute } from '../wire/attributes.ts';
import { IFF_POINTOPOINT, IFF_RUNNING, IFF_UP } from '../wire/constants.ts';
import type { Message } from '../wire/message.ts';
import { hardwareText, hex } from './addresses.ts';
import {
  asText,
  bytesOf,
  flagNames,
  headerOf,
  nestedOf,
  numberOf,
  present,
  textOf,
  unknownOf,
} from './fields.ts';
import { kindData, slaveData } from './link-kinds.ts';
import type { LinkNames } from './link-names.ts';
import { linkTypes } from './link-types.ts';
import { names } from './names.ts';

/** RTM_NEWLINK as `ip -d -j link` prints it. */
export function linkObject(message: Message, links: LinkNames): Link {
  const { attributes } = message;
  const number = (name: string) => numberOf(attributes, name);
  const text = (name: string) => textOf(attributes, name);
  const type = headerOf(message, 'type');
  const hardware = (name: string) => {
    const bytes = bytesOf(attributes, name);
    return bytes && hardwareText(bytes, type);
  };
  const identifier = (name: string) => {
    const bytes = bytesOf(attributes, name);
    return bytes && hex(bytes);
  };
  const master = number('master');
  const operstate = number('operstate');
  const linkmode = number('linkmode');
  const group = number('group');
  const inet6 = nestedOf(nestedOf(attributes, 'af_spec') ?? [], 'inet6') ?? [];
  const genMode = numberOf(inet6, 'addr_gen_mode');
  const altnames = nestedOf(attributes, 'prop_list')?.flatMap(({ value }) => asText(value) ?? []);
  const info = nestedOf(attributes, 'linkinfo');
  const pointToPoint = (headerOf(message, 'flags') & IFF_POINTOPOINT) !== 0;
  return present<Link>({
    ifindex: headerOf(message, 'index'),
    ...lower(attributes, links),
    ifname: text('ifname') ?? '',
    flags: linkFlagNames(
      headerOf(message, 'flags'),
      number('link'),
      number('link_netnsid') !== undefined,
      links,
    ),
    mtu: number('mtu') ?? 0,
    xdp: xdp(attributes),
    qdisc: text('qdisc'),
    master: master === undefined ? undefined : links.of(master),
    operstate: operstate === undefined ? 'UNKNOWN' : operstateName(operstate),
    linkmode: linkmode === undefined ? undefined : (linkmodes[linkmode] ?? `${linkmode}`),
    group: group === undefined ? undefined : names.group(group),
    txqlen: number('txqlen') || undefined,
    link_type: linkTypes[type] ?? `[${type}]`,
    address: hardware('address'),
    link_pointtopoint: pointToPoint && bytesOf(attributes, 'broadcast') !== undefined ? true : undefined,
    broadcast: hardware('broadcast'),
    permaddr: permanent(attributes, type),
    link_netnsid: number('link_netnsid'),
    proto_down: number('proto_down') ? true : undefined,
    promiscuity: number('promiscuity'),
    allmulti: number('allmulti'),
    min_mtu: number('min_mtu'),
    max_mtu: number('max_mtu'),
    linkinfo: info && infoObject(info, links),
    inet6_addr_gen_mode: genMode === undefined ? undefined : (genModes[genMode] ?? `${genMode}`),
    num_tx_queues: number('num_tx_queues'),
    num_rx_queues: number('num_rx_queues'),
    gso_max_size: number('gso_max_size'),
    gso_max_segs: number('gso_max_segs'),
    tso_max_size: number('tso_max_size'),
    tso_max_segs: number('tso_max_segs'),
    gro_max_size: number('gro_max_size'),
    gso_ipv4_max_size: number('gso_ipv4_max_size'),
    gro_ipv4_max_size: number('gro_ipv4_max_size'),
    phys_port_name: text('phys_port_name'),
    phys_port_id: identifier('phys_port_id'),
    phys_switch_id: identifier('phys_switch_id'),
    parentbus: text('parent_dev_bus_name'),
    parentdev: text('parent_dev_name'),
    ifalias: text('ifalias'),
    altnames: altnames?.length ? altnames : undefined,
    ...unknownOf(attributes),
  });
}

/** The fields that iproute2 prints of a link in `ip -j address`. */
export function linkOfAddress(link: Link): Omit<Link, 'linkinfo'> {
  const { ifindex, ifname, flags, mtu, qdisc, master, operstate, group, txqlen, link_type, address } = link;
  const { link: below, link_index, link_pointtopoint, broadcast, permaddr, link_netnsid, altnames } = link;
  const { proto_down } = link;
  return present<Omit<Link, 'linkinfo'>>({
    ifindex,
    link: below,
    link_index,
    ifname,
    flags,
    mtu,
    qdisc,
    master,
    operstate,
    group,
    txqlen,
    link_type,
    address,
    link_pointtopoint,
    broadcast,
    permaddr,
    link_netnsid,
    proto_down,
    altnames,
  });
}

/** `ifi_flags` as iproute2 names them. `below`: index of the link that it stands on, here or `elsewhere`. */
export function linkFlagNames(
  bits: number,
  below: number | undefined,
  elsewhere: boolean,
  links: LinkNames,
): string[] {
  const flags = bits & IFF_UP && !(bits & IFF_RUNNING) ? ['NO-CARRIER'] : [];
  flags.push(...flagNames(bits, linkFlags));
  const rest = linkFlags.reduce((left, [bit]) => left & ~bit, bits & ~IFF_RUNNING) >>> 0;
  if (rest !== 0) flags.push(rest.toString(16));
  if (below && !elsewhere && !links.isUp(below)) flags.push('M-DOWN');
  return flags;
}

/** RFC 2863 states as iproute2 names them. */
export function operstateName(state: number): string {
  return operstates[state] ?? `${state}`;
}

function lower(attributes: Attribute[], links: LinkNames): Pick<Link, 'link' | 'link_index'> {
  const index = numberOf(attributes, 'link');
  if (index === undefined) return {};
  if (index === 0) return { link: null };
  return numberOf(attributes, 'link_netnsid') === undefined
    ? { link: links.of(index) }
    : { link_index: index };
}

/** Shown where it differs from the address in use. */
function permanent(attributes: Attribute[], type: number): string | undefined {
  const own = bytesOf(attributes, 'perm_address');
  const used = bytesOf(attributes, 'address');
  if (own === undefined || (used && Buffer.compare(own, used) === 0)) return undefined;
  return hardwareText(own, type);
}

function xdp(attributes: Attribute[]): Link['xdp'] {
  const inner = nestedOf(attributes, 'xdp') ?? [];
  const mode = numberOf(inner, 'attached');
  if (!mode) return undefined;
  return present<NonNullable<Link['xdp']>>({ mode, prog: { id: numberOf(inner, 'prog_id') ?? 0 } });
}

function infoObject(info: Attribute[], links: LinkNames): LinkInfo {
  const kind = textOf(info, 'kind');
  const slaveKind = textOf(info, 'slave_kind');
  const data = nestedOf(info, 'data');
  const slave = nestedOf(info, 'slave_data');
  return present<LinkInfo>({
    info_kind: kind,
    info_data: data && kindData(kind ?? '', data, links),
    info_slave_kind: slaveKind,
    info_slave_data: slave && slaveData(slaveKind ?? '', slave, links),
  });
}

const operstates = ['UNKNOWN', 'NOTPRESENT', 'DOWN', 'LOWERLAYERDOWN', 'TESTING', 'DORMANT', 'UP'];
const linkmodes = ['DEFAULT', 'DORMANT'];
const genModes = ['eui64', 'none', 'stable_secret', 'random'];

/** IFF_… of linux/if.h in the order of iproute2; IFF_RUNNING is told by NO-CARRIER. */
const linkFlags: readonly (readonly [number, string])[] = [
  [0x8, 'LOOPBACK'],
  [0x2, 'BROADCAST'],
  [0x10, 'POINTOPOINT'],
  [0x1000, 'MULTICAST'],
  [0x80, 'NOARP'],
  [0x200, 'ALLMULTI'],
  [0x100, 'PROMISC'],
  [0x400, 'MASTER'],
  [0x800, 'SLAVE'],
  [0x4, 'DEBUG'],
  [0x8000, 'DYNAMIC'],
  [0x4000, 'AUTOMEDIA'],
  [0x2000, 'PORTSEL'],
  [0x20, 'NOTRAILERS'],
  [0x1, 'UP'],
  [0x10000, 'LOWER_UP'],
  [0x20000, 'DORMANT'],
  [0x40000, 'ECHO'],
];
