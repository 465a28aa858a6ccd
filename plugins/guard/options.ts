import { isIP } from 'node:net';
import { isEventName } from 'netconf/plugin';
import * as v from 'valibot';

const eventName = v.pipe(
  v.string(),
  v.check(name => isEventName(name), 'the name of an event was expected'),
);
const device = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/, 'the name of an interface was expected'),
);
const exception = v.pipe(
  v.string(),
  v.check(isException, 'dns, or ADDRESS[/LENGTH] [udp|tcp [PORT]], was expected'),
);

function isException(text: string): boolean {
  const [, address = '', length = '0', port = '1'] =
    /^([0-9a-fA-F.:]+)(?:\/(\d{1,3}))?(?: (?:udp|tcp)(?: (\d{1,5}))?)?$/.exec(text) ?? [];
  const width = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return text === 'dns' || (Number(length) <= width && Number(port) >= 1 && Number(port) <= 65_535);
}

export const options = v.strictObject({
  /** The interface of the VPN that guards; without it the plugin rests. */
  vpn: v.optional(device),
  /** The event that calls the network of its interface insecure, and the one that calls it secure. */
  insecure: v.optional(eventName, 'network-insecure'),
  secure: v.optional(eventName, 'network-secure'),
  /** What may pass in the clear all the same. */
  allow: v.optional(v.array(exception), []),
  /** Marks of the VPN's own packets. */
  marks: v.optional(
    v.array(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffff_ffff))),
    [28_259],
  ),
  /** While the VPN stands: `tunnel` lets nothing pass but the tunnel, `all` lets pass what has no way through it. */
  open: v.optional(v.picklist(['tunnel', 'all']), 'tunnel'),
});
export type GuardOptions = v.InferOutput<typeof options>;
