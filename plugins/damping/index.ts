import { definePlugin, type Event, type Hold } from 'netconf/plugin';
import * as v from 'valibot';

/**
 * Damping of flapping links: when the carrier of a link comes and goes too often, the hook scripts of its link events
 * wait until it has been quiet for a while, and then run once, for the last state. The events themselves are published
 * all the same.
 */
const options = v.strictObject({
  /** Carrier changes within the window that are still ordinary. */
  changes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2)), 6),
  /** Seconds. */
  window: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(3600)), 10),
  /** Seconds of quiet before the scripts run. */
  hold: v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(60)), 5),
});

export default definePlugin<v.InferOutput<typeof options>>({
  name: 'damping',
  version: '1.0.0',
  options,
  apply(netconf) {
    const { changes, window, hold } = netconf.options;
    /** The latest carrier changes, by interface index; not the events, which hold all of their links. */
    const flaps = new Map<number, Pick<Event, 'id' | 'time'>[]>();
    /** Tapped once one change more is too many for some link: where none flaps, no event is asked about. */
    let isTapped = false;

    const isOneTooMany = ({ id, ifindex = -1, time }: Event): boolean => {
      const before = (flaps.get(ifindex) ?? []).filter(event => event.id < id).slice(-changes);
      return before.length === changes && time - before[0]!.time <= window * 1000;
    };
    const count = ({ id, time, ifindex, replayed }: Event) => {
      if (ifindex === undefined || replayed) return;
      const latest = [...(flaps.get(ifindex) ?? []), { id, time }].slice(-changes - 1);
      flaps.set(ifindex, latest);
      if (isTapped || latest.length < changes) return;
      isTapped = true;
      netconf.hooks.reaction.tap('damping', holdBack);
    };
    const holdBack = (event: Event): Hold | undefined => {
      if (event.name !== 'link.carrier' && event.name !== 'link.no-carrier') return undefined;
      if (!isOneTooMany(event)) return undefined;
      return { reason: `more than ${changes} carrier changes within ${window} s`, ms: hold * 1000 };
    };

    netconf.on('link.carrier', count);
    netconf.on('link.no-carrier', count);
    netconf.on('link.removed', event => {
      flaps.delete(event.ifindex ?? -1);
    });
  },
});
