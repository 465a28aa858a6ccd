import type { Attribute, Hop } from '../wire/attributes.ts';
import { RTM_NEWROUTE } from '../wire/constants.ts';
import { decodePayload, encodePayload, type Message } from '../wire/message.ts';
import { bytesOfPayload, type Payload } from './memory.ts';

/** RTA_OIF, RTA_GATEWAY, RTA_MULTIPATH, RTA_VIA */
const [oif, gateway, multipath, via] = [4, 5, 9, 18];
/** Those, RTA_CACHEINFO, RTA_ENCAP_TYPE and RTA_ENCAP */
const ofHops = new Set([oif, gateway, multipath, via, 12, 21, 22]);

/**
 * A multipath route without the hops of a removal message that names one of them; one that is left alone is written
 * as the kernel writes a route with one hop. Undefined when the route does not have that hop.
 */
export function withoutHop(route: Payload, removal: Payload): Payload | undefined {
  const message = decodePayload(RTM_NEWROUTE, bytesOfPayload(route));
  const gone = hopText(decodePayload(RTM_NEWROUTE, bytesOfPayload(removal)).attributes);
  const at = message.attributes.findIndex(({ type }) => type === multipath);
  const hops = message.attributes[at]?.value;
  if (!Array.isArray(hops)) return undefined;
  const left = (hops as Hop[]).filter(hop => hopText(hop.attributes, hop.ifindex) !== gone);
  if (left.length === hops.length || left.length === 0) return undefined;
  if (left.length > 1) message.attributes[at] = { ...message.attributes[at]!, value: left };
  else single(message, at, left[0]!);
  return Buffer.from(encodePayload(message)).toString('latin1');
}

/** Whether two routes differ at most in their hops and how much they are used. */
export function sameButHops(a: Payload, b: Payload): boolean {
  return withoutHops(a) === withoutHops(b);
}

function withoutHops(route: Payload): string {
  const message = decodePayload(RTM_NEWROUTE, bytesOfPayload(route));
  message.header.flags = 0;
  message.attributes = message.attributes.filter(({ type }) => !ofHops.has(type));
  return Buffer.from(encodePayload(message)).toString('latin1');
}

/** rt6_fill_node: gateway, interface, encapsulation; the flags of the hop are those of the route. */
function single(message: Message, at: number, hop: Hop): void {
  const towards = hop.attributes.findIndex(({ type }) => type === gateway || type === via);
  const attributes = [...hop.attributes];
  attributes.splice(towards + 1, 0, { type: oif, name: 'oif', value: hop.ifindex });
  message.attributes.splice(at, 1, ...attributes);
  message.header.flags = (message.header.flags ?? 0) | hop.flags;
}

function hopText(attributes: readonly Attribute[], ifindex?: number): string {
  const number = ifindex ?? attributes.find(({ type }) => type === oif)?.value;
  const towards = attributes.find(({ type }) => type === gateway || type === via)?.value;
  return `${number} ${towards instanceof Uint8Array ? Buffer.from(towards).toString('hex') : ''}`;
}
