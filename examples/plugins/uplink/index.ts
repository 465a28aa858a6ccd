/**
 * A plugin in TypeScript, as a folder: `npm run build` makes `index.js`, then copy the folder to
 * /etc/netconf/plugins/uplink and say `netconf plugin load uplink`.
 *
 * It says when a family of addresses gets its default route and loses it, with events of a family of its own, holds the
 * scripts of `uplink.lost` back for a moment (a route that is being replaced is gone for an instant), and lets a
 * group of users emit events.
 */
import { definePlugin, type Hold, type StandardSchema, type Verdict } from 'netconf/plugin';

/** What other plugins and TypeScript know of these events. */
declare module 'netconf/plugin' {
  interface Events {
    'uplink.found': { family: string; gateway: string | null };
    'uplink.lost': { family: string };
  }
}

interface Options {
  /** Milliseconds that the scripts of `uplink.lost` wait. @default 500 */
  patience: number;
  /** Number of a group whose members may emit events. */
  emitters: number | undefined;
}

export default definePlugin<Options>({
  name: 'uplink',
  events: ['uplink'],
  options: schema(),

  apply(netconf) {
    const { patience, emitters } = netconf.options;
    const present = new Set<string>();

    netconf.on('route.default', event => {
      const { family, table, new: route } = event.data;
      if (table !== 'main') return;
      const had = present.has(family);
      if (route === undefined) present.delete(family);
      else present.add(family);
      if (event.replayed || had === present.has(family)) return;
      const where = event.interface === undefined ? {} : { interface: event.interface };
      if (route === undefined) netconf.emit('uplink.lost', { family }, where);
      else netconf.emit('uplink.found', { family, gateway: route.gateway ?? null }, where);
    });

    netconf.hooks.reaction.tap('patience', (event): Hold | undefined => {
      if (event.name !== 'uplink.lost') return undefined;
      return { reason: 'the route may be on its way back', ms: patience };
    });

    netconf.hooks.authorise.tap('emitters', ({ action, peer }): Verdict | undefined => {
      const member = peer.gid === emitters || peer.groups.includes(emitters ?? -1);
      return action === 'EMIT' && member ? { allow: true } : undefined;
    });
  },
});

function schema(): StandardSchema<Options> {
  const validate = (value: unknown) => {
    const { patience = 500, emitters } = value as Record<string, unknown>;
    if (typeof patience !== 'number') return issue('patience', 'milliseconds were expected');
    if (emitters !== undefined && typeof emitters !== 'number') {
      return issue('emitters', 'the number of a group was expected');
    }
    return { value: { patience, emitters } };
  };
  return { '~standard': { version: 1, vendor: 'uplink', validate } };
}

function issue(key: string, message: string) {
  return { issues: [{ message, path: [key] }] };
}
