import { definePlugin } from 'netconf/plugin';
import * as v from 'valibot';
import { anyGlob } from '../../core/base/glob.ts';
import { Emitter } from './emitter.ts';
import { Stanzas } from './stanzas.ts';

const glob = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9.*?-]+$/, 'an event name or a pattern such as link.* was expected'),
);
const options = v.strictObject({
  /** Which events are passed on: names and globs. */
  events: v.optional(v.array(glob), []),
  /** Also what was there before the daemon started. */
  replay: v.optional(v.boolean(), false),
  bus: v.optional(
    v.pipe(v.string(), v.regex(/^[a-z]+:/, 'the address of a D-Bus bus was expected: unix:path=…')),
    process.env.DBUS_SYSTEM_BUS_ADDRESS ?? 'unix:path=/run/dbus/system_bus_socket',
  ),
});

/** Passes events on to upstart, or to systemd, where jobs and units wait for them: netconf-emitter(7). */
export default definePlugin<v.InferOutput<typeof options>>({
  name: 'emitter',
  version: '1.0.0',
  options,
  apply(netconf) {
    const { events, replay, bus } = netconf.options;
    // A daemon that observes starts no jobs.
    if (events.length === 0 || netconf.observe) return;
    const isSelected = anyGlob(events);
    const emitter = new Emitter(netconf, bus);
    const stanzas = new Stanzas(netconf);
    netconf.on('*', event => {
      const ends = event.name === 'interface.configured' || event.name === 'interface.deconfigured';
      const done = ends ? stanzas.take(event.interface ?? '') : [];
      if (isSelected(event.name) && (replay || !event.replayed)) emitter.emit(event, done);
    });
    netconf.hooks.stop.tap('what was refused', () => emitter.sumUp());
    netconf.onUnload(() => emitter.stop());
  },
});
