import { type Address, parseAddress, parseLength } from './addresses.ts';

/** True and false, and the other words for them. */
export function readBoolean(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (['true', 'yes', 'on', '1'].includes(word)) return true;
  return ['false', 'no', 'off', '0'].includes(word) ? false : undefined;
}

export function readNumber(lowest: number, highest: number): (text: string) => number | undefined {
  return text => {
    if (!/^\d{1,10}$/.test(text)) return undefined;
    const number = Number(text);
    return number >= lowest && number <= highest ? number : undefined;
  };
}

/** Decimal, or hexadecimal after 0x. */
export function readWideNumber(highest: number): (text: string) => number | undefined {
  return text => {
    if (!/^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(text)) return undefined;
    return Number(text) <= highest ? Number(text) : undefined;
  };
}

export function readAddress(family?: 4 | 6): (text: string) => Address | undefined {
  return text => {
    const address = parseAddress(text);
    return address === undefined || (family !== undefined && address.family !== family) ? undefined : address;
  };
}

/** `10.0.0.2`, `10.0.0.2/24`, `10.0.0.2/255.255.255.0`. */
export function readLengthened(
  text: string,
  family?: 4 | 6,
): { address: Address; length?: number } | undefined {
  const [host = '', mask, ...rest] = text.split('/');
  const address = readAddress(family)(host);
  if (address === undefined || rest.length > 0) return undefined;
  if (mask === undefined) return { address };
  const length = parseLength(mask, address.family);
  return length === undefined ? undefined : { address, length };
}

const units: Readonly<Record<string, number>> = {
  '': 1,
  bit: 1,
  kbit: 1e3,
  mbit: 1e6,
  gbit: 1e9,
  bps: 8,
  kbps: 8e3,
  mbps: 8e6,
  gbps: 8e9,
};

/** Bits in a second, in the words of tc(8): a number alone is bits, `kbps` are thousands of bytes. */
export function readBandwidth(text: string): number | undefined {
  const [, number = '', unit = ''] = /^(\d{1,12}(?:\.\d{1,3})?)([a-z]*)$/i.exec(text) ?? [];
  const factor = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined;
  if (number === '' || factor === undefined) return undefined;
  const bits = Math.round(Number(number) * factor);
  // tbf of tc(8) counts bytes, and 2^34 bits are more than any link has.
  return bits >= 8 && bits <= 1e13 ? bits : undefined;
}

/** A type of service: a name of RFC 1349 or of a class of RFC 2474, or the byte. */
export function readTos(text: string): number | undefined {
  const word = text.toLowerCase();
  const named = Object.hasOwn(services, word) ? services[word] : undefined;
  return named ?? readWideNumber(255)(text);
}

const services: Readonly<Record<string, number>> = {
  'minimize-delay': 0x10,
  lowdelay: 0x10,
  'maximize-throughput': 0x08,
  throughput: 0x08,
  'maximize-reliability': 0x04,
  reliability: 0x04,
  'minimize-cost': 0x02,
  mincost: 0x02,
  'normal-service': 0,
  ef: 0xb8,
  ...Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`cs${at}`, at << 5])),
  ...Object.fromEntries(
    [1, 2, 3, 4].flatMap(each => [1, 2, 3].map(drop => [`af${each}${drop}`, (each << 5) | (drop << 3)])),
  ),
};

/** Six bytes, or 20 of InfiniBand, or `random`. */
export function readHardwareAddress(text: string): string | undefined {
  if (text === 'random') return text;
  return /^[0-9a-f]{2}(:[0-9a-f]{2}){5}((:[0-9a-f]{2}){14})?$/i.test(text) ? text.toLowerCase() : undefined;
}

/** What the methods take as the name of a link, and its label; at most 15 bytes (IFNAMSIZ). */
export function isInterfaceName(text: string): boolean {
  return (
    /^[A-Za-z0-9_.@%+=,~][A-Za-z0-9_.@%+=,~-]*(:[A-Za-z0-9_.@%+=,~-]+)?$/.test(text) &&
    text.length <= 15 &&
    text !== '.' &&
    text !== '..'
  );
}
