import { align, NLA_F_NESTED, NLA_TYPE_MASK } from './constants.ts';
import { readU16, writeU16 } from './endian.ts';

/** What an attribute's payload means: see `kinds.ts`. Bytes that do not fit the kind stay bytes. */
export type Value = number | bigint | string | true | Uint8Array | Attribute[] | Hop[];

/** One attribute in wire order. `name` is there when the schema knows the type. */
export interface Attribute {
  /** Without the flag bits. */
  type: number;
  name?: string;
  value: Value;
  /** NLA_F_NESTED and NLA_F_NET_BYTEORDER as they stood. */
  flags?: number;
  /** Bytes up to the alignment, where they are not zero or are missing at the end. */
  padding?: Uint8Array;
}

/** One `struct rtnexthop` of RTA_MULTIPATH. */
export interface Hop {
  flags: number;
  /** Weight less one. */
  hops: number;
  ifindex: number;
  attributes: Attribute[];
}

/** How one kind of payload is read and written. `read` gives undefined for bytes that it could not write back alike. */
export interface Kind<T extends Value = Value> {
  read(bytes: Uint8Array, siblings: readonly Attribute[]): T | undefined;
  write(value: T, siblings: readonly Attribute[]): Uint8Array;
}

/** Attribute type to its name and, unless it is kept as bytes, its kind. */
export type Schema = Readonly<Record<number, readonly [name: string, kind?: Kind]>>;

const none = new Uint8Array();

/**
 * Reads attributes until the bytes end or stop making sense; what is left over is `rest`. Never throws. The values
 * that are bytes are views of `bytes`.
 */
export function readAttributes(
  bytes: Uint8Array,
  schema: Schema,
): { attributes: Attribute[]; rest: Uint8Array } {
  const attributes: Attribute[] = [];
  let at = 0;
  while (bytes.length - at >= 4) {
    const length = readU16(bytes, at);
    if (length < 4 || length > bytes.length - at) break;
    const field = readU16(bytes, at + 2);
    const type = field & NLA_TYPE_MASK;
    const payload = bytes.subarray(at + 4, at + length);
    const known = schema[type];
    const attribute: Attribute = { type, value: known?.[1]?.read(payload, attributes) ?? payload };
    if (known !== undefined) attribute.name = known[0];
    if (field !== type) attribute.flags = field & ~NLA_TYPE_MASK;
    const end = Math.min(at + align(length), bytes.length);
    const padding = bytes.subarray(at + length, end);
    if (end - at !== align(length) || padding.some(byte => byte !== 0)) attribute.padding = padding;
    attributes.push(attribute);
    at = end;
  }
  return { attributes, rest: at === bytes.length ? none : bytes.subarray(at) };
}

export function writeAttributes(attributes: readonly Attribute[], schema: Schema): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [index, { type, value, flags = 0, padding }] of attributes.entries()) {
    const kind = schema[type]?.[1];
    const payload =
      value instanceof Uint8Array || !kind ? asBytes(value) : kind.write(value, attributes.slice(0, index));
    const length = 4 + payload.length;
    const part = new Uint8Array(length + (padding?.length ?? align(length) - length));
    writeU16(part, 0, length);
    writeU16(part, 2, type | flags);
    part.set(payload, 4);
    if (padding) part.set(padding, length);
    parts.push(part);
  }
  return join(parts);
}

/** The value of the first attribute of this name, if any. */
export function find(attributes: readonly Attribute[], name: string): Value | undefined {
  for (const attribute of attributes) if (attribute.name === name) return attribute.value;
  return undefined;
}

/** A new attribute by its name in the schema; nested ones carry NLA_F_NESTED. Throws for a name it does not have. */
export function attribute(schema: Schema, name: string, value: Value): Attribute {
  for (const [type, [known]] of Object.entries(schema)) {
    if (known === name) {
      return { type: Number(type), name, value, ...(Array.isArray(value) && { flags: NLA_F_NESTED }) };
    }
  }
  throw new RangeError(`no attribute ${name} in this schema`);
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function asBytes(value: Value): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value === true) return none;
  throw new TypeError('an attribute that no schema knows can only be written from bytes');
}
