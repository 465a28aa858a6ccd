import { isIPv4, isIPv6 } from 'node:net';

export type Family = 4 | 6;

/** An address with the length of its prefix; of one host 32 or 128. */
export interface Prefix {
  family: Family;
  /** Bits of the host are zero. */
  bits: bigint;
  length: number;
}

export const widthOf = (family: Family): number => (family === 4 ? 32 : 128);

/** `10.0.0.0/24`, `2001:db8::1`; undefined for anything else. */
export function parsePrefix(text: string): Prefix | undefined {
  const [, address = '', length] = /^([0-9a-fA-F.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const parsed = parseAddress(address);
  if (parsed === undefined) return undefined;
  const width = widthOf(parsed.family);
  const size = length === undefined ? width : Number(length);
  if (size > width) return undefined;
  return { ...parsed, bits: (parsed.bits >> BigInt(width - size)) << BigInt(width - size), length: size };
}

function parseAddress(text: string): Pick<Prefix, 'family' | 'bits'> | undefined {
  if (isIPv4(text)) return { family: 4, bits: ofIPv4(text) };
  if (!isIPv6(text)) return undefined;
  // The last 32 bits may be written as IPv4.
  const dotted = /[\d.]+\.[\d.]+$/.exec(text)?.[0];
  const last = dotted === undefined ? '' : halves(ofIPv4(dotted));
  const [head = '', tail] = (dotted === undefined ? text : text.slice(0, -dotted.length) + last).split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [before, after] = [groups(head), groups(tail ?? '')];
  const zeros = new Array<string>(8 - before.length - after.length).fill('0');
  const all = tail === undefined ? before : [...before, ...zeros, ...after];
  return { family: 6, bits: BigInt(`0x${all.map(group => group.padStart(4, '0')).join('')}`) };
}

function ofIPv4(text: string): bigint {
  return BigInt(text.split('.').reduce((bits, byte) => bits * 256 + Number(byte), 0));
}

function halves(bits: bigint): string {
  return `${(bits >> 16n).toString(16)}:${(bits & 0xffffn).toString(16)}`;
}

/** The address as inet_ntop(3) would, but for `::`, which is the first longest run of zeros here too. */
export function addressText({ family, bits }: Pick<Prefix, 'family' | 'bits'>): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map(shift => (bits >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((bits >> BigInt(112 - 16 * at)) & 0xffffn).toString(16),
  );
  const runs = [...groups.join(':').matchAll(/(?<![^:])0(?::0)+(?![^:])/g)].map(([run]) => run);
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  const text = groups.join(':');
  if (longest === '') return text;
  const at = new RegExp(`(?:^|:)${longest}(?:$|:)`);
  return text.replace(at, '::');
}

/** `10.0.0.0/24`; of one host its address alone. */
export function prefixText(prefix: Prefix): string {
  const { family, length } = prefix;
  return `${addressText(prefix)}${length === widthOf(family) ? '' : `/${length}`}`;
}

/** Is the second within the first? */
export function covers(outer: Prefix, inner: Prefix): boolean {
  if (outer.family !== inner.family || outer.length > inner.length) return false;
  const shift = BigInt(widthOf(outer.family) - outer.length);
  return outer.bits >> shift === inner.bits >> shift;
}

/** Without those that lie within others: what is left does not overlap. In the order of addresses. */
export function withoutOverlaps(prefixes: readonly Prefix[]): Prefix[] {
  const sorted = [...prefixes].sort(
    (a, b) => a.family - b.family || compare(a.bits, b.bits) || a.length - b.length,
  );
  const kept: Prefix[] = [];
  for (const prefix of sorted) {
    const last = kept.at(-1);
    if (last === undefined || !covers(last, prefix)) kept.push(prefix);
  }
  return kept;
}

function compare(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
