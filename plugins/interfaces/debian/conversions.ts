import { isIPv4 } from 'node:net';

/** What ifupdown makes of an option's value, or of a new option that takes it over. Undefined leaves it as it is. */
export type Convert = (value: string, of: ConversionContext) => string | undefined;

export interface ConversionContext {
  /** The real interface. */
  iface: string;
  /** An option's value where it has one. */
  valueFor(name: string): string | undefined;
}

/** `random` is an address that nobody has; the class before an address (`ether`) is of old. */
export const cleanHardwareAddress: Convert = value => {
  if (value === 'random') return randomHardwareAddress();
  const blank = value.indexOf(' ');
  return /^(ether|ax25|arcnet|netrom) /i.test(value) ? value.slice(blank + 1) : undefined;
};

/** Locally administered, unicast. */
function randomHardwareAddress(): string {
  const bytes = [...crypto.getRandomValues(new Uint8Array(6))];
  bytes[0] = ((bytes[0] ?? 0) | 2) & ~1;
  return bytes.map(byte => byte.toString(16).padStart(2, '0')).join(':');
}

/** ifupdown looks at 33 characters. */
const longestAddress = 33;

/** The mask of `ADDRESS/PREFIX` or `ADDRESS/MASK`; without either, that of the address's class. */
export const maskOfAddress: Convert = value => {
  const [address, suffix] = tokensOf(value.slice(0, longestAddress), '/');
  if (address === undefined || !isIPv4(address)) return undefined;
  if (suffix !== undefined && isIPv4(suffix)) return suffix;
  const prefix = suffix === undefined ? classPrefix(address) : leadingInteger(suffix);
  return prefix === undefined ? undefined : dotted(maskOf(prefix));
};

/** `ADDRESS` of `ADDRESS/PREFIX`. */
export const addressAlone: Convert = value => tokensOf(value.slice(0, longestAddress), '/')[0];

/** `+` is the broadcast address of the network, `-` the network's own. */
export const broadcastOf: Convert = (value, { valueFor }) => {
  if (value !== '+' && value !== '-') return undefined;
  const address = valueFor('address');
  const netmask = valueFor('netmask');
  if (address === undefined || netmask === undefined || !isIPv4(address) || !isIPv4(netmask))
    return undefined;
  const mask = numberOf(netmask);
  // A network of two addresses (RFC 3021) has no broadcast address of its own.
  if (mask === 0xfffffffe) return value === '+' ? '255.255.255.255' : '0.0.0.0';
  return dotted(value === '+' ? (numberOf(address) | ~mask) >>> 0 : (numberOf(address) & mask) >>> 0);
};

/** Aliases (`eth0:1`) never prefer their addresses as a source. */
export const preferredLifetime: Convert = (_, { iface }) =>
  tokensOf(iface, ':').length > 1 ? '0' : undefined;

/** `c000:0201` of `192.0.2.1`, for 6to4 (RFC 3056). */
export const hexAddress: Convert = value => {
  const found =
    /^[ \t-\r]*([+-]?\d{1,3})\.[ \t-\r]*([+-]?\d{1,3})\.[ \t-\r]*([+-]?\d{1,3})\.[ \t-\r]*([+-]?\d{1,3})/.exec(
      value,
    );
  if (found === null) return undefined;
  const [a = '', b = '', c = '', d = ''] = found
    .slice(1)
    .map(part => (Number(part) & 255).toString(16).padStart(2, '0'));
  return `${a}${b}:${c}${d}`;
};

/** The token of that number (from 0) between separators, or `otherwise`. */
export function token(separators: string, number: number, otherwise?: string): Convert {
  return value => tokensOf(value, separators)[number] ?? otherwise;
}

/** strtol(3), base 10. */
export const decimal: Convert = value => {
  const found = /^[ \t-\r]*[+-]?\d+/.exec(value);
  return found === null ? undefined : BigInt(found[0].trim().replace('+', '')).toString();
};

export function constant(value: string): Convert {
  return () => value;
}

/** strtok(3): separators in a row are one, and none is at the ends. */
export function tokensOf(text: string, separators: string): string[] {
  const tokens: string[] = [];
  let current = '';
  for (const character of `${text}${separators.charAt(0)}`) {
    if (!separators.includes(character)) current += character;
    else if (current !== '') {
      tokens.push(current);
      current = '';
    }
  }
  return tokens;
}

function classPrefix(address: string): number {
  const first = Number(address.split('.')[0]);
  if (first <= 127) return 8;
  if (first <= 191) return 16;
  return first <= 223 ? 24 : 32;
}

/** sscanf(3)'s `%d`. */
function leadingInteger(text: string): number | undefined {
  const found = /^[ \t-\r]*[+-]?\d+/.exec(text);
  return found === null ? undefined : Number(found[0]);
}

function maskOf(prefix: number): number {
  if (prefix <= 0 || prefix > 32) return 0;
  return prefix === 32 ? 0xffffffff : ~(2 ** (32 - prefix) - 1) >>> 0;
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function dotted(number: number): string {
  return [24, 16, 8, 0].map(shift => (number >>> shift) & 255).join('.');
}
