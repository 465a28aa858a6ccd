import { align, NLA_TYPE_MASK } from '../wire/constants.ts';
import type { LinkFacts } from './link-facts.ts';
import { load, type Payload } from './memory.ts';

/** Bytes of `struct ifinfomsg`; the flags and their change mask are its last eight. */
const headerLength = 16;
const flagsAt = 8;

/**
 * linux/if_link.h, types of attributes. What counts on its own: hardware and broadcast address, MTU, link below, qdisc,
 * master, queue length, operational state, link mode, alias, group.
 */
const settings: ReadonlySet<number> = new Set([1, 2, 4, 5, 6, 10, 13, 16, 17, 20, 27]);
/** What never does: name (an event of its own), statistics, carrier and its counters, what the message is for. */
const passedOver: ReadonlySet<number> = new Set([3, 7, 23, 33, 35, 44, 47, 48]);

/**
 * Whether two messages about a link differ in something that has no event of its own. Told from their bytes as far as
 * that can be: where settings stand beside counters, and for what is not listed here, the decoded messages are compared.
 */
export function differsOtherwise(old: Payload, next: Payload, facts: LinkFacts): boolean {
  if (old.slice(0, flagsAt) !== next.slice(0, flagsAt)) return true;
  const before = attributesOf(old);
  const after = attributesOf(next);
  let unsure = old.slice(flagsAt, headerLength) !== next.slice(flagsAt, headerLength);
  for (const [type, value] of after) {
    if (passedOver.has(type) || before.get(type) === value) continue;
    if (settings.has(type)) return true;
    unsure = true;
  }
  for (const type of before.keys()) {
    if (after.has(type) || passedOver.has(type)) continue;
    if (settings.has(type)) return true;
    unsure = true;
  }
  return unsure && facts.of(old).otherwise !== facts.of(next).otherwise;
}

function attributesOf(payload: Payload): Map<number, string> {
  const { halves } = load(payload);
  const attributes = new Map<number, string>();
  for (let at = headerLength; at + 4 <= payload.length; ) {
    const length = halves[at >> 1]!;
    if (length < 4 || at + length > payload.length) break;
    attributes.set(halves[(at >> 1) + 1]! & NLA_TYPE_MASK, payload.slice(at + 4, at + length));
    at += align(length);
  }
  return attributes;
}
