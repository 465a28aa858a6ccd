import type { Link } from '../../bus/objects.ts';
import { linkFlagNames, operstateName } from '../text/link.ts';
import type { LinkNames } from '../text/link-names.ts';
import { IFF_LOWER_UP, IFF_POINTOPOINT, IFF_RUNNING, IFF_UP } from '../wire/constants.ts';
import { LinkScan } from './link-scan.ts';
import type { Payload } from './memory.ts';

/** Bytes of `struct ifinfomsg` before its flags: what the message is about. */
const flagsAt = 8;

/** linux/if_link.h: IFLA_LINK, IFLA_OPERSTATE, IFLA_AF_SPEC, IFLA_LINK_NETNSID; AF_INET6, IFLA_INET6_ADDR_GEN_MODE. */
const lower = 5;
const operstate = 16;
const families = 26;
const lowerNamespace = 37;
const inet6 = 10;
const genMode = 8;

/**
 * linux/if_link.h, types of attributes. What counts on its own: hardware and broadcast address, MTU, link below, qdisc,
 * master, queue length, operational state, link mode, alias, group.
 */
const settings: ReadonlySet<number> = new Set([1, 2, 4, lower, 6, 10, 13, operstate, 17, 20, 27]);
/** What never does: name (an event of its own), statistics, carrier and its counters, what the message is for. */
const passedOver: ReadonlySet<number> = new Set([3, 7, 23, 33, 35, 44, 47, 48]);
/** Flags with events of their own; IFF_RUNNING is told by NO-CARRIER. */
const ofOtherEvents = IFF_UP | IFF_LOWER_UP | IFF_RUNNING;

/** What decoding tells of a message: all that has no event of its own, as one text. */
interface Decoded {
  of(payload: Payload): { otherwise: string };
}

/**
 * Whether two messages about a link differ in something that has no event of its own. Told from their bytes as far as
 * that can be: where settings stand beside counters, and for what is not listed here, the decoded messages are compared.
 */
export function differsOtherwise(old: Payload, next: Payload, facts: Decoded): boolean {
  const types = compare(old, next);
  if (types === undefined || ((before.flags ^ after.flags) & ~ofOtherEvents) !== 0) return true;
  let unsure = before.strange || after.strange;
  for (const type of types) {
    if (settings.has(type)) return true;
    if (type === families ? !isSameGenMode() : !passedOver.has(type)) unsure = true;
  }
  return unsure && facts.of(old).otherwise !== facts.of(next).otherwise;
}

/**
 * What a message says of a link, made from what the message before it said: most changes are of flags and operational
 * state alone. Undefined where more has changed, and the message has to be decoded.
 */
export function changedLink(link: Link, old: Payload, next: Payload, names: LinkNames): Link | undefined {
  const types = compare(old, next);
  if (types === undefined || before.strange || after.strange) return undefined;
  if ((before.flags ^ after.flags) & IFF_POINTOPOINT) return undefined;
  for (const type of types) {
    if (type === families ? !isSameGenMode() : type !== operstate && !unsaid.has(type)) return undefined;
  }
  const state = after.byte(operstate);
  if (state === undefined) return undefined;
  const below = after.number(lower);
  const flags = linkFlagNames(after.flags, below, after.has(lowerNamespace), names);
  return { ...link, flags, operstate: operstateName(state) };
}

/** Statistics and carrier: no field of a link. */
const unsaid: ReadonlySet<number> = new Set([7, 23, 33, 35, 47, 48]);

const before = new LinkScan();
const after = new LinkScan();
let compared: { old: Payload; next: Payload; types: number[] | undefined } | undefined;

/** The types of attributes that differ; undefined where the header says that they are about something else. */
function compare(old: Payload, next: Payload): number[] | undefined {
  if (compared?.old === old && compared.next === next) return compared.types;
  before.load(old);
  after.load(next);
  const isSameHeader = old.slice(0, flagsAt) === next.slice(0, flagsAt);
  const types = isSameHeader ? after.types.filter(type => !before.isSame(type, after)) : undefined;
  for (const type of before.types) if (!after.has(type)) types?.push(type);
  compared = { old, next, types };
  return types;
}

function isSameGenMode(): boolean {
  const mode = after.byteWithin(families, inet6, genMode);
  return mode === before.byteWithin(families, inet6, genMode) && mode !== undefined;
}
