// The one place on the path of every route message: it is read in place, without making objects.
import { AF_INET6, align, RTM_F_CLONED } from '../wire/constants.ts';
import { load, type Memory, memory, type Payload } from './memory.ts';

/** RTA_… of linux/rtnetlink.h that identify a route. */
const [RTA_DST, RTA_SRC, RTA_OIF, RTA_GATEWAY, RTA_PRIORITY, RTA_PREFSRC] = [1, 2, 4, 5, 6, 7];
const [RTA_MULTIPATH, RTA_CACHEINFO, RTA_TABLE, RTA_VIA, RTA_NH_ID] = [9, 12, 15, 18, 30];
/** Length of `struct rtmsg`. */
const header = 12;

const nothing = memory(header);

/**
 * What identifies a route, found by one walk over its attributes. One object is used over and over: its fields are
 * good until the next `scan`. Places are byte offsets into the memory, 0 for absent.
 */
export class RouteScan {
  memory: Memory = nothing;
  start = 0;
  end = 0;
  family = 0;
  table = 0;
  priority = 0;
  oif = 0;
  nhid = 0;
  dst = 0;
  src = 0;
  gateway = 0;
  prefsrc = 0;
  cacheinfo = 0;
  multipath = 0;

  /**
   * False for what is no route of a table: too short, malformed, or cloned. What follows a message in memory is read
   * nowhere: the same bytes are the same route wherever they lie.
   */
  scan(memory: Memory, start: number, end: number): boolean {
    const { bytes, words, halves } = memory;
    if (end - start < header) return false;
    this.memory = memory;
    this.start = start;
    this.end = end;
    this.family = bytes[start]!;
    this.table = bytes[start + 4]!;
    this.priority = this.oif = this.nhid = this.dst = this.src = this.gateway = this.prefsrc = 0;
    this.cacheinfo = this.multipath = 0;
    const address = this.family === AF_INET6 ? 20 : 8;
    let at = start + header;
    while (at + 4 <= end) {
      const length = halves[at >> 1]!;
      if (length < 4 || at + length > end) return false;
      switch (halves[(at >> 1) + 1]! & 0x3fff) {
        case RTA_DST:
          if (length < address) return false;
          this.dst = at;
          break;
        case RTA_SRC:
          if (length < address) return false;
          this.src = at;
          break;
        case RTA_OIF:
          if (length < 8) return false;
          this.oif = words[(at >> 2) + 1]!;
          break;
        case RTA_GATEWAY:
        case RTA_VIA:
          this.gateway = at;
          break;
        case RTA_PRIORITY:
          if (length < 8) return false;
          this.priority = words[(at >> 2) + 1]!;
          break;
        case RTA_PREFSRC:
          this.prefsrc = at;
          break;
        case RTA_MULTIPATH:
          this.multipath = at;
          break;
        case RTA_CACHEINFO:
          if (length < 16) return false;
          this.cacheinfo = at;
          break;
        case RTA_TABLE:
          if (length < 8) return false;
          this.table = words[(at >> 2) + 1]!;
          break;
        case RTA_NH_ID:
          if (length < 8) return false;
          this.nhid = words[(at >> 2) + 1]!;
          break;
      }
      at += align(length);
    }
    return (words[(start >> 2) + 2]! & RTM_F_CLONED) === 0;
  }

  /** Scans a kept payload. */
  load(payload: Payload): boolean {
    return this.scan(load(payload), 0, payload.length);
  }

  get type(): number {
    return this.memory.bytes[this.start + 7]!;
  }

  /** Index of the interface it goes out of: that of the first hop of several. 0 for none. */
  get ifindex(): number {
    if (this.oif !== 0) return this.oif;
    for (const hop of this.hops()) return hop.ifindex;
    return 0;
  }

  /** Whether any of its hops goes out of this interface. */
  uses(ifindex: number): boolean {
    if (this.oif === ifindex) return true;
    for (const hop of this.hops()) if (hop.ifindex === ifindex) return true;
    return false;
  }

  /** Hops of a multipath route, each with a text that two equal hops have in common. */
  *hops(): Generator<{ ifindex: number; text: string }> {
    if (this.multipath === 0) return;
    const { bytes, words, halves } = this.memory;
    const end = this.multipath + halves[this.multipath >> 1]!;
    let at = this.multipath + 4;
    while (at + 8 <= end) {
      const length = halves[at >> 1]!;
      if (length < 8 || at + length > end) return;
      yield { ifindex: words[(at >> 2) + 1]!, text: bytes.toString('latin1', at + 2, at + length) };
      at += align(length);
    }
  }

  /** Interface and gateway of a route with one hop, as a text. */
  hop(): string {
    if (this.gateway === 0) return `${this.oif}`;
    const { bytes, halves } = this.memory;
    return `${this.oif} ${bytes.toString('latin1', this.gateway, this.gateway + halves[this.gateway >> 1]!)}`;
  }

  address(attribute: number): string {
    if (attribute === 0) return '';
    return this.memory.bytes.toString(
      'latin1',
      attribute + 4,
      attribute + this.memory.halves[attribute >> 1]!,
    );
  }
}
