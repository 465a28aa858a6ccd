import { definePlugin } from 'netconf/plugin';
import { check } from './answers/check.ts';
import { show } from './answers/show.ts';
import { trace } from './answers/trace.ts';
import type {} from './events.ts';
import { type Options, options } from './options.ts';
import { Firewall } from './run/firewall.ts';

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
    const firewall = new Firewall(netconf);
    netconf.onUnload(() => firewall.stop());
    // Before any operation: netconfd waits for it.
    netconf.hooks.ready.tapPromise('rules in force', () => firewall.begin());
    netconf.watch('firewall', () => void firewall.told());
    netconf.hooks.answer
      .for('firewall show')
      .tapPromise('show', ({ parameters }) => show(firewall, parameters));
    netconf.hooks.answer.for('firewall check').tapPromise('check', () => check(firewall));
    netconf.hooks.answer
      .for('firewall trace')
      .tapPromise('trace', ({ parameters }) => trace(firewall, parameters));
    netconf.hooks.answer.for('firewall apply').tapPromise('apply', async () => {
      await firewall.told(true);
      return show(firewall, {});
    });
    // A reload that has loaded the plugin anew has looked already.
    let isNew = true;
    netconf.on('daemon.ready', () => {
      isNew = false;
    });
    netconf.on('daemon.reloaded', () => {
      if (!isNew) void firewall.told(true);
      isNew = false;
    });
  },
});
