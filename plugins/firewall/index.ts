import { definePlugin } from 'netconf/plugin';
import type {} from './events.ts';
import { type Options, options } from './options.ts';
import { WhenWanted } from './when-wanted.ts';

/**
 * The firewall: networks and rules of the configuration, and those of other plugins, as one table of nftables. It is in
 * force before the first interface comes up, and stays when netconfd ends.
 */
export default definePlugin<Options>({
  name: 'firewall',
  version: '1.0.0',
  events: ['firewall'],
  options,
  apply(netconf) {
    const wanted = new WhenWanted(netconf);
    netconf.onUnload(() => wanted.stop());
    // Before any operation: netconfd waits for it.
    netconf.hooks.ready.tapPromise('rules in force', () => wanted.begin());
    netconf.watch('firewall', () => void wanted.told());
    // What was said last is in force when the process ends that said it: an ifdown without netconfd.
    netconf.hooks.stop.tapPromise('rules in force', () => wanted.settled());
    // A reload that has loaded the plugin anew has looked already.
    let isNew = true;
    netconf.on('daemon.ready', () => {
      isNew = false;
    });
    netconf.on('daemon.reloaded', () => {
      if (!isNew) void wanted.told(true);
      isNew = false;
    });

    const { answer } = netconf.hooks;
    answer.for('firewall show').tapPromise('show', async ({ parameters }) => {
      const { show } = await import('./answers/show.ts');
      return show(await wanted.firewall(), parameters);
    });
    answer.for('firewall check').tapPromise('check', async () => {
      const { check } = await import('./answers/check.ts');
      return check(await wanted.firewall());
    });
    answer.for('firewall trace').tapPromise('trace', async ({ parameters }) => {
      const { trace } = await import('./answers/trace.ts');
      return trace(await wanted.firewall(), parameters);
    });
    answer.for('firewall apply').tapPromise('apply', async () => {
      const { show } = await import('./answers/show.ts');
      await wanted.told(true);
      return show(await wanted.firewall(), {});
    });
  },
});
