import { definePlugin } from 'netconf/plugin';
import * as v from 'valibot';
import { Foreign } from './foreign.ts';
import { Sessions } from './sessions.ts';

const clients = ['dhclient', 'dhcpcd', 'udhcpc'] as const;

const options = v.strictObject({
  /** Clients in the order in which they are tried. */
  clients: v.optional(v.pipe(v.array(v.picklist(clients)), v.minLength(1)), [...clients]),
  /** Apply the leases of clients that others have started with the report script, and that apply nothing themselves. */
  foreign: v.optional(v.boolean(), true),
});

const events = [
  'dhcp.preinit',
  'dhcp.bound',
  'dhcp.renewed',
  'dhcp.rebound',
  'dhcp.rebooted',
  'dhcp.expired',
  'dhcp.failed',
  'dhcp.timed-out',
  'dhcp.stopped',
  'dhcp.released',
] as const;

/**
 * The steps DHCP and LinkLocal. DHCP starts a client, waits for its lease, and has the method `static` apply it, now and
 * whenever it changes; a lease that is lost is a matter of the policy. LinkLocal takes an address of the link's own, and
 * a lease when a server appears.
 */
export default definePlugin<v.InferOutput<typeof options>>({
  name: 'dhcp',
  version: '1.0.0',
  options,
  apply(netconf) {
    const { clients, foreign } = netconf.options;
    const sessions = new Sessions(netconf, clients);
    const others = new Foreign(netconf);
    netconf.hooks.step.for('DHCP').tapPromise('DHCP', operation => sessions.dhcp(operation));
    netconf.hooks.step.for('LinkLocal').tapPromise('LinkLocal', operation => sessions.linkLocal(operation));
    // The daemon tells what exists at its start, or to a plugin that comes late: then there is something to take over.
    const adopt = netconf.on('link.added', event => {
      if (!event.replayed) return;
      adopt();
      if (!netconf.observe) sessions.adopt();
    });
    for (const name of events) {
      netconf.on(name, event => {
        if (!sessions.heard(event) && foreign && !netconf.observe) others.heard(event);
      });
    }
    netconf.on('link.removed', event => sessions.forget(event.interface));
    netconf.on('request.ifdown', event => {
      if (event.data.refused === undefined) sessions.giveUp(event.interface);
    });
    netconf.onUnload(() => sessions.release());
  },
});
