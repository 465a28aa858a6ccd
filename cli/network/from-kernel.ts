import {
  addressText,
  contains,
  networkOf,
  parseAddress,
} from '../../plugins/network-file/language/addresses.ts';
import { quotedText } from '../../plugins/network-file/language/syntax.ts';
import { isInterfaceName } from '../../plugins/network-file/language/values.ts';
import type { Imported } from './from-interfaces.ts';
import type { AddressNow, Kernel, LinkNow, RouteNow } from './kernel.ts';
import type { Written } from './writer.ts';

/** Kinds of links that something else makes. */
const ownKinds = new Set(['bridge', 'sit', 'veth', 'tun', 'dummy', 'vlan', 'bond', 'macvlan', '']);
/** The MTU of Ethernet, which needs no line. */
const usualMtu = 1500;

/** A network file that says what the kernel has now: a network for each link that is up. */
export function fromKernel({ links, routes }: Kernel): Imported {
  const left: string[] = [];
  const blocks: Written[] = [];
  const known = new Map<string, LinkNow>();
  for (const link of links) {
    const { ifname, flags } = link;
    const kind = link.linkinfo?.info_kind ?? '';
    if (flags.includes('LOOPBACK')) continue;
    const isPort = link.master !== undefined;
    const options = optionsOf(link);
    if (!flags.includes('UP') && !isPort) continue;
    if (!isInterfaceName(ifname)) left.push(`${ifname}: no name of an interface`);
    else if (!ownKinds.has(kind)) left.push(`${ifname}: a link of the kind ${kind}`);
    else {
      known.set(ifname, link);
      const inner = [
        {
          head: `interface ${quotedText(ifname)}`,
          options: options.length > 0 ? options : ['addressv4 none'],
        },
      ];
      blocks.push({ head: `network ${quotedText(ifname)}`, options: [], inner });
    }
  }
  blocks.push(...bridgesOf(links, known, left), ...routes.flatMap(route => routeOf(route, known, left)));
  return { blocks, left };
}

function optionsOf({ addr_info: addresses = [], flags, mtu, link_type, linkinfo }: LinkNow): string[] {
  const of = (family: string) =>
    addresses.filter(each => each.family === family && each.scope !== 'link' && !each.temporary);
  const isEthernet = link_type === 'ether';
  const remote = linkinfo?.info_kind === 'sit' ? linkinfo.info_data?.remote : undefined;
  return [
    ...addressesOf(of('inet'), 'v4', 'dhcp'),
    ...addressesOf(of('inet6'), 'v6', 'auto'),
    ...(remote === undefined || remote === 'any' ? [] : [`tunneldest ${remote}`]),
    ...(isEthernet && mtu !== usualMtu ? [`mtu ${mtu}`] : []),
    ...(isEthernet && flags.includes('NOARP') ? ['arp false'] : []),
    ...(flags.includes('ALLMULTI') ? ['allmulti true'] : []),
  ];
}

/** Addresses for a time are somebody's who gives them: a server, a router. */
function addressesOf(addresses: readonly AddressNow[], version: 'v4' | 'v6', word: string): string[] {
  const lasting = addresses.filter(({ dynamic }) => !dynamic);
  const [withPeer] = lasting.filter(({ address }) => address !== undefined);
  const [{ broadcast, local, prefixlen } = {}] = lasting;
  const usual = local === undefined || prefixlen === undefined ? undefined : broadcastText(local, prefixlen);
  return [
    ...lasting.map(each => `address${version} ${each.local}/${each.prefixlen}`),
    ...(withPeer === undefined ? [] : [`ptpaddress${version} ${withPeer.address}`]),
    ...(version === 'v6' || broadcast === undefined || broadcast === usual
      ? []
      : [`broadcastv4 ${broadcast}`]),
    ...(lasting.length < addresses.length ? [`address${version} ${word}`] : []),
  ];
}

function broadcastText(local: string, length: number): string | undefined {
  const address = parseAddress(local);
  if (address === undefined) return undefined;
  const { value } = networkOf(address, length);
  return addressText({ family: 4, value: value | ((1n << BigInt(32 - length)) - 1n) });
}

function bridgesOf(
  links: readonly LinkNow[],
  known: ReadonlyMap<string, LinkNow>,
  left: string[],
): Written[] {
  return links.flatMap(({ ifname, linkinfo }) => {
    if (linkinfo?.info_kind !== 'bridge') return [];
    const ports = links.filter(({ master }) => master === ifname).map(port => port.ifname);
    const [first, ...others] = ports.filter(port => known.has(port));
    if (first === undefined) {
      left.push(`${ifname}: a bridge without ports that a network file could name`);
      return [];
    }
    const stp = linkinfo.info_data?.stp_state === 1 ? ['stp true'] : [];
    const options = [`from ${quotedText(first)}`, ...others.map(port => `to ${quotedText(port)}`), ...stp];
    return [{ head: `bridge ${quotedText(ifname)}`, options }];
  });
}

/** What somebody has set: what follows from addresses, leases and advertisements comes by itself. */
function routeOf(
  { dst, gateway, dev, metric, protocol, family, type, nexthops }: RouteNow,
  known: ReadonlyMap<string, LinkNow>,
  left: string[],
): Written[] {
  if (['kernel', 'ra', 'dhcp', 'redirect'].includes(protocol ?? '') || type !== undefined) return [];
  if (dev === undefined || nexthops !== undefined) {
    left.push(`route ${dst}: one over several ways`);
    return [];
  }
  const link = known.get(dev);
  if (link === undefined) return [];
  const version = family === 'inet' ? 'v4' : 'v6';
  const head = dst === 'default' ? 'route default' : `route ${quotedText(dst)}`;
  const address = gateway === undefined ? undefined : parseAddress(gateway);
  const isNear = address !== undefined && (link.addr_info ?? []).some(each => isIn(each, address));
  return [
    {
      head,
      options: [
        ...(gateway === undefined ? [] : [`gateway${version} ${gateway}`]),
        ...(metric === undefined || (version === 'v6' && metric === 1024) ? [] : [`metric ${metric}`]),
        ...(isNear ? [] : [`interface ${quotedText(dev)}`]),
      ],
    },
  ];
}

function isIn(
  { local, prefixlen, address: peer, scope, dynamic }: AddressNow,
  gateway: ReturnType<typeof parseAddress> & object,
): boolean {
  if (scope === 'link' || dynamic) return false;
  const own = parseAddress(peer ?? local);
  return own !== undefined && contains(networkOf(own, prefixlen), gateway);
}
