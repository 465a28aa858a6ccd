import { covers, type Prefix, parsePrefix } from '../rules/prefix.ts';
import { usualWithPorts, withPorts } from '../rules/protocol.ts';
import {
  type End,
  hasPrefixes,
  isAlsoLinkLocal,
  linkLocal,
  type Network,
  type Rule,
} from '../rules/resolved.ts';
import type { Stage } from '../rules/stages.ts';
import type { Packet } from './packet.ts';

/** What the model knows of the machine beside rules: prefixes of the addresses that a link has. */
export type Addresses = (link: string) => readonly Prefix[];

/** Does the rule match the packet in this stage? Written down from what rules mean, not from how they are compiled. */
export function matches(rule: Rule, packet: Packet, stage: Stage, addresses: Addresses): boolean {
  const { said, protocol, from, to, action } = rule;
  const asked: boolean[] = [];
  if (protocol) asked.push(protocol.numbers.includes(packet.protocol) !== protocol.not);
  if (said.firstPacket) asked.push((packet.syn === true) === (said.firstPacket.not !== true));
  if (said.mark) asked.push(((packet.mark ?? 0) === said.mark.value) === (said.mark.not !== true));
  if (said.tos) asked.push(isTos(packet.tos ?? 0, said.tos.value) === (said.tos.not !== true));
  if (stage === 'fragments') asked.push(packet.fragment === true);
  if (action.kind === 'redirect') asked.push(parsePrefix(action.address)?.family === packet.source.family);
  if (action.kind === 'transproxy') asked.push(usualWithPorts.includes(packet.protocol));
  const isNamed = protocol !== undefined && !protocol.not;
  const ported = isNamed ? protocol.numbers.filter(number => withPorts.includes(number)) : usualWithPorts;
  if (action.kind === 'redirect' && action.port !== undefined) asked.push(ported.includes(packet.protocol));
  const { in: came, out, source, destination } = packet;
  const context = { addresses, came, out, hasPorts: ported.includes(packet.protocol) };
  if (from) asked.push(isEnd(from, source, packet.sourcePort, context, isFrom));
  if (to) asked.push(isEnd(to, destination, packet.destinationPort, context, isTo));
  return asked.every(Boolean);
}

interface Context {
  addresses: Addresses;
  came: string | undefined;
  out: string | undefined;
  hasPorts: boolean;
}

type InNetwork = (network: Network, address: Prefix, context: Context) => boolean;

function isEnd(
  { network, addresses, ports, not }: End,
  address: Prefix,
  port: number | undefined,
  context: Context,
  inNetwork: InNetwork,
): boolean {
  const isAmong = (ranges: readonly (readonly [number, number])[]) =>
    context.hasPorts && ranges.some(([first, last]) => port !== undefined && first <= port && port <= last);
  const fits =
    (network === undefined || inNetwork(network, address, context)) &&
    (addresses === undefined || addresses.some(prefix => covers(prefix, address))) &&
    (ports === undefined || isAmong(ports));
  return fits !== not;
}

/** It came in by a link of the network, from an address of it; own packets by no link. */
const isFrom: InNetwork = (network, address, { came, addresses }) => {
  const byLink = network.links.length === 0 || (came !== undefined && network.links.includes(came));
  if (!hasPrefixes(network)) return byLink;
  if (came === undefined) return isWithin(network, address, addresses);
  const isLinkLocal = isAlsoLinkLocal(network) && covers(linkLocal, address);
  return byLink && (isLinkLocal || isWithin(network, address, addresses));
};

/** It goes to an address of the network, or by its links where it has no addresses. */
const isTo: InNetwork = (network, address, { out, addresses }) =>
  hasPrefixes(network)
    ? isWithin(network, address, addresses)
    : out !== undefined && network.links.includes(out);

function isWithin(network: Network, address: Prefix, addresses: Addresses): boolean {
  const dynamic = network.dynamic ? network.links.flatMap(link => [...addresses(link)]) : [];
  return [...network.prefixes, ...dynamic].some(prefix => covers(prefix, address));
}

/** The two bits of ECN count only where they are asked for. */
function isTos(tos: number, wanted: number): boolean {
  return (wanted & 3) === 0 ? tos >> 2 === wanted >> 2 : tos === wanted;
}
