import { RTNH_F_DEAD, RTNH_F_LINKDOWN } from '../wire/constants.ts';
import { load, type Payload } from './memory.ts';
import { RouteScan } from './route-scan.ts';

const scan = new RouteScan();

/**
 * Whether two messages tell of the same route in the same state: its use (RTA_CACHEINFO) apart, its remaining life time,
 * of which it only counts whether there is one, and the order of the hops of an IPv6 multipath route, which notification
 * and dump give differently.
 */
export function sameRoute(a: Payload, b: Payload): boolean {
  return a === b || (a.length === b.length && stable(a, 'exact') === stable(b, 'exact'));
}

/**
 * Whether a removal means this route: as {@link sameRoute}, and the flags of its hops and whether it expires may differ,
 * because the kernel changes them silently.
 */
export function meansRoute(a: Payload, b: Payload): boolean {
  return a === b || (a.length === b.length && stable(a, 'without flags') === stable(b, 'without flags'));
}

/** The payload with what varies blotted out. */
function stable(payload: Payload, flags: 'exact' | 'without flags'): string {
  const memory = load(payload);
  if (!scan.scan(memory, 0, payload.length)) return payload;
  const { bytes, words, halves } = memory;
  if (scan.cacheinfo !== 0) {
    const expires = words[(scan.cacheinfo >> 2) + 3] !== 0;
    bytes.fill(0, scan.cacheinfo + 4, scan.cacheinfo + halves[scan.cacheinfo >> 1]!);
    if (flags === 'exact') bytes[scan.cacheinfo + 4] = Number(expires);
  }
  if (flags === 'without flags') {
    words[2] = words[2]! & ~(RTNH_F_DEAD | RTNH_F_LINKDOWN);
    clearHopFlags(bytes, halves, scan.multipath);
  }
  if (scan.multipath === 0) return bytes.toString('latin1', 0, payload.length);
  const hops = Array.from(scan.hops(), hop => hop.text);
  if (scan.family !== 2) hops.sort();
  const end = scan.multipath + halves[scan.multipath >> 1]!;
  return `${bytes.toString('latin1', 0, scan.multipath)}${hops.join('|')}${bytes.toString('latin1', end, payload.length)}`;
}

function clearHopFlags(bytes: Buffer, halves: Uint16Array, multipath: number): void {
  if (multipath === 0) return;
  const end = multipath + halves[multipath >> 1]!;
  for (let at = multipath + 4; at + 8 <= end; ) {
    const length = halves[at >> 1]!;
    if (length < 8) return;
    bytes[at + 2] = bytes[at + 2]! & ~(RTNH_F_DEAD | RTNH_F_LINKDOWN);
    at += length;
  }
}
