import { definePlugin } from 'netconf/plugin';
import { Guard } from './guard.ts';
import { type GuardOptions, options } from './options.ts';

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
    // Before all others: what it blocks nobody else lets pass.
    netconf.hooks.firewall.tap({ name: 'block', stage: 1000 }, parts => [guard.part(), ...parts]);
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
