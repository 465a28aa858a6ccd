import { endianness } from 'node:os';

/** Netlink is in the byte order of the machine; network byte order is the exception that an attribute's kind names. */
export const little = endianness() === 'LE';

export function readU16(bytes: Uint8Array, at: number): number {
  const [a, b] = [bytes[at]!, bytes[at + 1]!];
  return little ? a | (b << 8) : (a << 8) | b;
}

export function readU32(bytes: Uint8Array, at: number): number {
  return little
    ? (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
    : readBe32(bytes, at);
}

export function readBe32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[little ? at : at + 1] = value;
  bytes[little ? at + 1 : at] = value >>> 8;
}

export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  for (let i = 0; i < 4; i++) bytes[little ? at + i : at + 3 - i] = value >>> (8 * i);
}

export function writeBe32(bytes: Uint8Array, at: number, value: number): void {
  for (let i = 0; i < 4; i++) bytes[at + i] = value >>> (24 - 8 * i);
}
