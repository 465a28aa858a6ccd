import { definePlugin, isEventName } from 'netconf/plugin';
import * as v from 'valibot';
import { Guard } from './guard.ts';

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
  v.regex(
    /^(dns|[0-9a-fA-F.:]+(\/\d{1,3})?( (udp|tcp)( \d{1,5})?)?)$/,
    'dns, or ADDRESS[/LENGTH] [udp|tcp [PORT]], was expected',
  ),
);

const options = v.strictObject({
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

/**
 * Guards a network that policy calls insecure by a VPN: nothing leaves in the clear by its link, and the VPN is brought up
 * and kept up, until the network is called secure, or somebody takes the VPN down.
 */
export default definePlugin<GuardOptions>({
  name: 'guard',
  version: '1.0.0',
  events: ['vpn'],
  options,
  apply(netconf) {
    const { vpn, insecure, secure } = netconf.options;
    if (vpn === undefined || netconf.observe) return;
    const guard = new Guard(netconf, vpn);
    netconf.on(insecure, event => guard.insecure(event));
    netconf.on(secure, event => guard.secure(event));
    netconf.on('vpn.up', event => {
      if (event.interface === vpn) guard.stands(event.data);
    });
    for (const name of ['vpn.down', 'vpn.reconnecting'] as const)
      netconf.on(name, event => {
        if (event.interface === vpn) guard.fell(event);
      });
    netconf.on('route.default', event => guard.poke(event));
    netconf.on('link.renamed', event => guard.renamed(event.data.old.ifname, event.data.new.ifname));
    netconf.on('request.ifdown', event => {
      const explicit = event.source.startsWith('user:') && event.data.refused === undefined;
      if (event.interface === vpn && explicit) guard.calledOff();
    });
    // An ifdown without a daemon ends with its operation.
    netconf.hooks.destroy.tapPromise('guard', operation =>
      operation.interface === vpn ? guard.settled() : undefined,
    );
    // The daemon tells what exists at its start, or to a plugin that comes late: then what was guarded is guarded again.
    const recall = netconf.on('link.added', event => {
      if (!event.replayed) return;
      recall();
      guard.recall(event);
    });
    netconf.onUnload(() => guard.release());
  },
});
