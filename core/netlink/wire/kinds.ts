import {
  type Attribute,
  type Hop,
  join,
  type Kind,
  readAttributes,
  type Schema,
  writeAttributes,
} from './attributes.ts';
import { align } from './constants.ts';
import { little, readBe32, readU16, readU32, writeBe32, writeU16, writeU32 } from './endian.ts';

/**
 * The kinds of attribute payloads. Each reads only what it can write back byte for byte; anything else stays bytes,
 * so that decoding loses nothing.
 */
export const u8: Kind<number> = number(
  1,
  (bytes, at) => bytes[at]!,
  (bytes, at, value) => {
    bytes[at] = value;
  },
);
export const u16: Kind<number> = number(2, readU16, writeU16);
export const u32: Kind<number> = number(4, readU32, writeU32);
export const s32: Kind<number> = number(4, (bytes, at) => readU32(bytes, at) | 0, writeU32);
/** Network byte order. */
export const be16: Kind<number> = number(
  2,
  (bytes, at) => (bytes[at]! << 8) | bytes[at + 1]!,
  (bytes, at, value) => {
    bytes[at] = value >>> 8;
    bytes[at + 1] = value;
  },
);
export const be32: Kind<number> = number(4, readBe32, writeBe32);

export const u64: Kind<bigint> = {
  read: bytes =>
    bytes.length === 8
      ? BigInt(readU32(bytes, little ? 4 : 0)) * 0x1_0000_0000n + BigInt(readU32(bytes, little ? 0 : 4))
      : undefined,
  write(value) {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, value, little);
    return bytes;
  },
};

/** A text that ends in one NUL. */
export const text: Kind<string> = {
  read(bytes) {
    const end = bytes.length - 1;
    if (bytes.indexOf(0) !== end || end < 0) return undefined;
    const value = Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('utf8');
    const replaced = value.includes('\ufffd') && !Buffer.from(value).equals(bytes.subarray(0, end));
    return replaced ? undefined : value;
  },
  write: value => Buffer.from(`${value}\0`),
};

/** Says all by being there. */
export const flag: Kind<true> = {
  read: bytes => (bytes.length === 0 ? true : undefined),
  write: () => new Uint8Array(),
};

/** Attributes inside. The schema may depend on the attributes before it, as that of IFLA_INFO_DATA on the kind. */
export function nested(
  schema: Schema | ((siblings: readonly Attribute[]) => Schema | undefined),
): Kind<Attribute[]> {
  const of = typeof schema === 'function' ? schema : () => schema;
  return {
    read(bytes, siblings) {
      const inner = of(siblings);
      if (inner === undefined) return undefined;
      const { attributes, rest } = readAttributes(bytes, inner);
      return rest.length === 0 ? attributes : undefined;
    },
    write: (value, siblings) => writeAttributes(value, of(siblings) ?? {}),
  };
}

/** RTA_MULTIPATH: a sequence of `struct rtnexthop` with attributes of its own. */
export function nextHops(schema: () => Schema): Kind<Hop[]> {
  return {
    read(bytes) {
      const hops: Hop[] = [];
      for (let at = 0; at < bytes.length; ) {
        const length = bytes.length - at < 8 ? 0 : readU16(bytes, at);
        if (length < 8 || align(length) !== length || length > bytes.length - at) return undefined;
        const { attributes, rest } = readAttributes(bytes.subarray(at + 8, at + length), schema());
        if (rest.length > 0) return undefined;
        const ifindex = readU32(bytes, at + 4) | 0;
        hops.push({ flags: bytes[at + 2]!, hops: bytes[at + 3]!, ifindex, attributes });
        at += length;
      }
      return hops;
    },
    write(value) {
      return join(
        value.map(({ flags, hops, ifindex, attributes }) => {
          const inner = writeAttributes(attributes, schema());
          const bytes = new Uint8Array(8 + inner.length);
          writeU16(bytes, 0, bytes.length);
          bytes[2] = flags;
          bytes[3] = hops;
          writeU32(bytes, 4, ifindex);
          bytes.set(inner, 8);
          return bytes;
        }),
      );
    },
  };
}

function number(
  size: number,
  read: (bytes: Uint8Array, at: number) => number,
  write: (bytes: Uint8Array, at: number, value: number) => void,
): Kind<number> {
  return {
    read: bytes => (bytes.length === size ? read(bytes, 0) : undefined),
    write(value) {
      const bytes = new Uint8Array(size);
      write(bytes, 0, value);
      return bytes;
    },
  };
}
