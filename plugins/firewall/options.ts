import type { FirewallPart } from 'netconf/plugin';
import * as v from 'valibot';

export const text = v.pipe(v.string(), v.maxLength(1024));
const number = v.pipe(v.number(), v.integer(), v.minValue(0));
const port = v.pipe(number, v.maxValue(65_535));
const not = v.exactOptional(v.boolean());
const isTrue = v.strictObject({ value: v.optional(v.literal(true), true), not });
const isNumber = v.strictObject({ value: number, not });

export const network = v.strictObject({
  name: text,
  links: v.optional(v.array(text), []),
  prefixes: v.optional(v.array(text), []),
  dynamic: v.optional(v.boolean(), false),
});

const end = v.strictObject({
  not,
  network: v.exactOptional(text),
  addresses: v.exactOptional(v.array(text)),
  ports: v.exactOptional(v.array(v.tuple([port, port]))),
});

const direction = v.exactOptional(v.picklist(['incoming', 'outgoing']));
const action = v.variant('kind', [
  v.strictObject({ kind: v.picklist(['forward', 'masquerade', 'none']) }),
  v.strictObject({ kind: v.picklist(['accept', 'deny', 'reject', 'return']), direction }),
  v.strictObject({ kind: v.literal('redirect'), address: text, port: v.exactOptional(port) }),
  v.strictObject({ kind: v.literal('transproxy'), port }),
]);

export const rule = v.strictObject({
  from: v.optional(v.array(end), []),
  to: v.optional(v.array(end), []),
  action,
  protocol: v.exactOptional(v.strictObject({ value: text, not })),
  firstPacket: v.exactOptional(isTrue),
  fragment: v.exactOptional(isTrue),
  bidirectional: v.exactOptional(v.boolean()),
  log: v.exactOptional(v.union([v.literal(true), text])),
  monitor: v.exactOptional(number),
  setMark: v.exactOptional(number),
  setTos: v.exactOptional(number),
  mark: v.exactOptional(isNumber),
  tos: v.exactOptional(isNumber),
});

export const options = v.strictObject({
  networks: v.optional(v.array(network), []),
  rules: v.optional(v.array(rule), []),
  /**
   * What comes in from an address to which there is no way back by the link that it came by is dropped (`strict`), or by
   * no link at all (`loose`: where answers take another way); `off`: nothing is.
   */
  spoofProtection: v.optional(v.picklist(['strict', 'loose', 'off']), 'strict'),
});

export type Options = v.InferOutput<typeof options>;

/** The part of the configuration file. */
export function ownPart({ networks, rules }: Options): FirewallPart {
  const place = (kind: string, at: number) => `netconf.yaml plugins.firewall.${kind}[${at}]`;
  return {
    plugin: 'firewall',
    networks: networks.map((each, at) => ({ ...each, place: place('networks', at) })),
    rules: rules.map((each, at) => ({ ...each, place: place('rules', at) })),
  };
}
