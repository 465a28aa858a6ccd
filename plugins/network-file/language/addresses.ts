/** Addresses as numbers: 32 bits of IPv4, 128 of IPv6 (RFC 4291). */
export type Family = 4 | 6;

export interface Address {
  family: Family;
  value: bigint;
}

/** A network: the bits of its hosts are 0. */
export interface Prefix extends Address {
  length: number;
}

export const widths = { 4: 32, 6: 128 } as const;

export function parseAddress(text: string): Address | undefined {
  if (text.includes(':')) {
    const value = parseV6(text);
    return value === undefined ? undefined : { family: 6, value };
  }
  const value = parseV4(text);
  return value === undefined ? undefined : { family: 4, value: BigInt(value) };
}

/** Four numbers from 0 to 255; leading zeros are refused, others read them as octal. */
function parseV4(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  let value = 0;
  for (const part of match.slice(1)) {
    const byte = Number(part);
    if (byte > 255 || (part.length > 1 && part.startsWith('0'))) return undefined;
    value = value * 256 + byte;
  }
  return value;
}

function parseV6(text: string): bigint | undefined {
  const last = text.slice(text.lastIndexOf(':') + 1);
  const tail = last.includes('.') ? parseV4(last) : undefined;
  if (last.includes('.') && tail === undefined) return undefined;
  const whole =
    tail === undefined
      ? text
      : `${text.slice(0, text.length - last.length)}${(tail >>> 16).toString(16)}:${(tail & 0xffff).toString(16)}`;
  const halves = whole.split('::');
  if (halves.length > 2) return undefined;
  const [before = [], after = []] = halves.map(half => (half === '' ? [] : half.split(':')));
  const missing = 8 - before.length - after.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array.from({ length: missing }, () => '0'), ...after];
  if (!groups.every(group => /^[0-9A-Fa-f]{1,4}$/.test(group))) return undefined;
  return BigInt(`0x${groups.map(group => group.padStart(4, '0')).join('')}`);
}

/** As the kernel prints it (RFC 5952). */
export function addressText({ family, value }: Address): string {
  if (family === 4) {
    const bits = Number(value);
    return `${bits >>> 24}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`;
  }
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((value >> BigInt(112 - 16 * at)) & 0xffffn).toString(16),
  );
  const zeros = /(?:^|:)0(?::0)+(?=:|$)/g;
  const text = groups.join(':');
  const [longest] = [...text.matchAll(zeros)].map(([run]) => run).toSorted((a, b) => b.length - a.length);
  if (longest === undefined) return text;
  const at = text.indexOf(longest);
  return `${text.slice(0, at)}::${text.slice(at + longest.length).replace(/^:/, '')}`;
}

export function prefixText(prefix: Prefix): string {
  return `${addressText(prefix)}/${prefix.length}`;
}

/** The network that an address with a prefix length belongs to. */
export function networkOf({ family, value }: Address, length: number): Prefix {
  const host = BigInt(widths[family] - length);
  return { family, value: (value >> host) << host, length };
}

/** All bits of the host set. */
export function broadcastOf({ value, length }: Prefix): Address {
  return { family: 4, value: value | ((1n << BigInt(32 - length)) - 1n) };
}

export function contains(prefix: Prefix, address: Address): boolean {
  if (prefix.family !== address.family) return false;
  const host = BigInt(widths[prefix.family] - prefix.length);
  return prefix.value >> host === address.value >> host;
}

export function sameAddress(a: Address, b: Address): boolean {
  return a.family === b.family && a.value === b.value;
}

/** A mask (`255.255.255.0`, `ffff:ffff::`) or a length in digits; undefined for what is neither. */
export function parseLength(text: string, family: Family): number | undefined {
  if (/^\d{1,3}$/.test(text)) {
    const length = Number(text);
    return length <= widths[family] && String(length) === text ? length : undefined;
  }
  const mask = parseAddress(text);
  if (mask === undefined || mask.family !== family) return undefined;
  const inverse = mask.value ^ ((1n << BigInt(widths[family])) - 1n);
  // Ones, then zeros: the inverse is one less than a power of two.
  if ((inverse & (inverse + 1n)) !== 0n) return undefined;
  return widths[family] - (inverse === 0n ? 0 : inverse.toString(2).length);
}

/** The length of a mask that has none, by the class of the address, as ifconfig(8) has it. */
export function classLength({ value }: Address): number {
  const first = Number(value >> 24n);
  if (first < 128) return 8;
  return first < 192 ? 16 : 24;
}
