import { definePlugin } from 'netconf/plugin';
import * as v from 'valibot';
import type {} from './events.ts';
import { Sessions } from './sessions.ts';
import { usualControl } from './supplicant.ts';

const path = v.pipe(v.string(), v.regex(/^\//, 'an absolute path was expected'));
const dBm = v.pipe(v.number(), v.integer(), v.minValue(-100), v.maxValue(0));

const options = v.strictObject({
  /** @default wpa_supplicant where it is installed */
  program: v.optional(path),
  /** Where supplicants listen. @default /run/wpa_supplicant, or below the runtime files of a netconfd that has others */
  control: v.optional(path),
  /** The control socket of a supplicant that takes interfaces (wpa_supplicant -g). */
  global: v.optional(path),
  /** Seconds to wait for a connection where options do not say otherwise. */
  timeout: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(3600)), 30),
  /** Tell when the signal passes a threshold. */
  signal: v.optional(
    v.strictObject({
      threshold: dBm,
      hysteresis: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(50)), 4),
    }),
  ),
});

/**
 * The step WPA, and options of interfaces(5) that begin with `wpa-`: a supplicant that connects an interface to a wireless
 * network, or to a switch that wants to know who is there (802.1X), before it is configured.
 */
export default definePlugin<v.InferOutput<typeof options>>({
  name: 'wpa-supplicant',
  version: '1.0.0',
  events: ['wifi'],
  options,
  apply(netconf) {
    const { program, control = usualControl(netconf.paths.run), global, timeout, signal } = netconf.options;
    const sessions = new Sessions({ netconf, supplicant: { program, control, global }, signal }, timeout);
    netconf.hooks.step.for('WPA').tapPromise('WPA', operation => sessions.step(operation));
    // After commands and scripts of the stanza, which may prepare the link; before them on the way down.
    netconf.hooks.preUp.tapPromise({ name: 'wpa-* options', stage: 10 }, operation =>
      sessions.before(operation),
    );
    netconf.hooks.postDown.tapPromise({ name: 'wpa-* options', stage: -10 }, operation =>
      sessions.after(operation),
    );
    netconf.hooks.replaced.tap('scripts of wpasupplicant', (scripts, operation) =>
      sessions.replaced(scripts, operation),
    );
    // The daemon tells what exists at its start, or to a plugin that comes late: then there is something to take over.
    const adopt = netconf.on('link.added', event => {
      if (!event.replayed) return;
      adopt();
      if (!netconf.observe) sessions.adopt();
    });
    netconf.on('link.no-carrier', event => sessions.poke(event.interface));
    netconf.on('link.removed', event => sessions.forget(event.interface));
    netconf.on('link.renamed', event => sessions.forget(event.data.old.ifname));
    netconf.on('request.ifdown', event => {
      if (event.data.refused === undefined) sessions.asked(event);
    });
    netconf.on('interface.deconfigured', event => sessions.taken(event));
    netconf.onUnload(() => sessions.release());
  },
});
