import { type Attribute, join, readAttributes, writeAttributes } from './attributes.ts';
import {
  align,
  headerLength,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLMSG_DONE,
  NLMSG_ERROR,
  RTM_NEWNDUSEROPT,
} from './constants.ts';
import { readU16, readU32, writeU16, writeU32 } from './endian.ts';
import { type Layout, layoutOf } from './layouts.ts';

/**
 * One rtnetlink message, decoded without loss: `encode(decode(bytes))` gives the same bytes, for known and unknown
 * types and attributes alike.
 */
export interface Message {
  type: number;
  flags: number;
  seq: number;
  pid: number;
  /** The fields of the family's header (`struct ifinfomsg`, `struct rtmsg`…) by the kernel's names without prefix. */
  header: Record<string, number>;
  attributes: Attribute[];
  /** What stands between header and attributes: the request an error is about, the options of a router. */
  body?: Uint8Array;
  /** Bytes at the end that are no attributes; all bytes of a message of unknown type. */
  rest?: Uint8Array;
  /** The message says it is longer than what is there, or its header is not whole. */
  truncated?: true;
}

/** Decodes one message from the start of `bytes`. Never throws: what is cut off is marked `truncated`. */
export function decode(bytes: Uint8Array): Message {
  if (bytes.length < headerLength) return { ...blank(0), rest: bytes, truncated: true };
  const length = readU32(bytes, 0);
  const whole = bytes.subarray(headerLength, Math.max(headerLength, Math.min(length, bytes.length)));
  const message = decodePayload(readU16(bytes, 4), whole, readU16(bytes, 6));
  message.seq = readU32(bytes, 8);
  message.pid = readU32(bytes, 12);
  if (length > bytes.length || length < headerLength) message.truncated = true;
  return message;
}

/** Decodes what follows the `struct nlmsghdr` of a message of this type. */
export function decodePayload(type: number, bytes: Uint8Array, flags = 0): Message {
  const message = blank(type);
  message.flags = flags;
  const layout = layoutOf(type);
  if (layout === undefined) {
    if (bytes.length > 0) message.rest = bytes;
    return message;
  }
  if (bytes.length < layout.size) {
    // An NLMSG_DONE without its error number is whole, too (older kernels).
    if (bytes.length > 0) message.rest = bytes;
    if (bytes.length > 0 || type !== NLMSG_DONE) message.truncated = true;
    return message;
  }
  readHeader(layout, bytes, message.header);
  let at = layout.size;
  const body = Math.min(bodyLength(message), bytes.length - at);
  if (body > 0) message.body = bytes.subarray(at, at + body);
  at += body;
  const { attributes, rest } = readAttributes(bytes.subarray(at), layout.schema(message));
  message.attributes = attributes;
  if (rest.length > 0) message.rest = rest;
  return message;
}

export function encode(message: Message): Uint8Array {
  const payload = encodePayload(message);
  const header = new Uint8Array(headerLength);
  writeU32(header, 0, headerLength + payload.length);
  writeU16(header, 4, message.type);
  writeU16(header, 6, message.flags);
  writeU32(header, 8, message.seq);
  writeU32(header, 12, message.pid);
  return join([header, payload]);
}

export function encodePayload(message: Message): Uint8Array {
  const layout = layoutOf(message.type);
  const parts: Uint8Array[] = [];
  if (layout !== undefined && Object.keys(message.header).length > 0) {
    parts.push(writeHeader(layout, message.header));
    if (message.body) parts.push(message.body);
    parts.push(writeAttributes(message.attributes, layout.schema(message)));
  }
  if (message.rest) parts.push(message.rest);
  return join(parts);
}

/** The messages of one datagram, in order. Ends at the first length that cannot be. */
export function* split(datagram: Uint8Array): Generator<Uint8Array> {
  let at = 0;
  while (datagram.length - at >= headerLength) {
    const length = readU32(datagram, at);
    if (length < headerLength) return;
    yield datagram.subarray(at, at + length);
    at += align(length);
  }
}

function blank(type: number): Message {
  return { type, flags: 0, seq: 0, pid: 0, header: {}, attributes: [] };
}

function bodyLength({ type, flags, header }: Message): number {
  if (type === RTM_NEWNDUSEROPT) return align(header.opts_len ?? 0);
  if (type !== NLMSG_ERROR) return 0;
  if (!(flags & NLM_F_ACK_TLVS)) return Number.POSITIVE_INFINITY;
  return flags & NLM_F_CAPPED ? 0 : align(Math.max(0, (header.len ?? 0) - headerLength));
}

function readHeader(layout: Layout, bytes: Uint8Array, header: Record<string, number>): void {
  let at = 0;
  for (const [name, size] of layout.fields) {
    if (size === 1) header[name] = bytes[at]!;
    else if (size === 2) header[name] = readU16(bytes, at);
    else header[name] = size === 's4' ? readU32(bytes, at) | 0 : readU32(bytes, at);
    at += size === 's4' ? 4 : size;
  }
}

function writeHeader(layout: Layout, header: Record<string, number>): Uint8Array {
  const bytes = new Uint8Array(layout.size);
  let at = 0;
  for (const [name, size] of layout.fields) {
    const value = header[name] ?? 0;
    if (size === 1) bytes[at] = value;
    else if (size === 2) writeU16(bytes, at, value);
    else writeU32(bytes, at, value);
    at += size === 's4' ? 4 : size;
  }
  return bytes;
}
