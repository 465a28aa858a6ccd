import { definePlugin } from 'netconf/plugin';
import * as v from 'valibot';
import { Conditions } from './conditions.ts';

declare module 'netconf/plugin' {
  interface Events {
    /** A condition came true, and what follows is done. */
    'condition.met': { condition: string; actions: string[] };
    /** It is no longer true. */
    'condition.ended': { condition: string; actions: string[] };
    /** What was to follow could not be done. */
    'condition.failed': { condition: string; action: string; message: string };
  }
}

const options = v.strictObject({
  directory: v.optional(
    v.pipe(v.string(), v.regex(/^\//, 'an absolute path was expected')),
    '/etc/netconf/conditions.d',
  ),
});

/** Operations, programs and events that follow when an expression over events comes true: netconf-conditions(5). */
export default definePlugin<v.InferOutput<typeof options>>({
  name: 'conditions',
  version: '1.0.0',
  events: ['condition'],
  options,
  apply(netconf) {
    const conditions = new Conditions(netconf, netconf.options.directory);
    conditions.read();
    netconf.on('daemon.reloaded', () => conditions.read());
    netconf.hooks.explain.tap('conditions', (sentences, event) => [
      ...sentences,
      ...conditions.explain(event),
    ]);
    netconf.onUnload(() => conditions.stop());
  },
});
