import { type Prefix, parsePrefix } from '../rules/prefix.ts';

/** A packet as rules see it. */
export interface Packet {
  /** The link that it came in by; undefined for one of this host's own. */
  in?: string;
  /** The link that it leaves by; undefined for one that is for this host. */
  out?: string;
  source: Prefix;
  destination: Prefix;
  protocol: number;
  sourcePort?: number;
  destinationPort?: number;
  /** SYN, without ACK, RST and FIN. */
  syn?: boolean;
  mark?: number;
  /** The byte of the header. */
  tos?: number;
  /** A fragment, not the first. */
  fragment?: boolean;
  /** It belongs to a connection that was let through. */
  established?: boolean;
}

/** An address as a packet has it. Throws a TypeError for what is none. */
export function address(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new TypeError(`${JSON.stringify(text)} is no address`);
  return prefix;
}
