import {
  definePlugin,
  hasHandle,
  markStanzas,
  type Operation,
  type OptionValues,
  optionsIn,
  optionsOf,
  perform,
  stanzaName,
} from 'netconf/plugin';
import * as v from 'valibot';
import { doAll } from '../../core/base/do-all.ts';
import { Members } from '../../core/plugin/members/members.ts';
import { namesIn } from '../../core/plugin/members/select.ts';
import { followBonds } from './events.ts';
import { bondOptions, isBond, readBond, slavesIn } from './options.ts';
import { Slaves } from './slaves.ts';

export type * from './events.ts';

const options = v.strictObject({
  /** Options of interfaces(5), such as `bond-miimon`, of bonds that say nothing about them. */
  defaults: v.optional(v.record(v.pipe(v.string(), v.regex(/^bond[-_]/, 'a bond- option')), v.string()), {}),
});

/** Where options stand that no stanza has. */
const usual = 'plugins.bonding.defaults';

/** Bonds: the options of ifenslave in interfaces(5) and policies, slaves that join when they appear, and bond events. */
export default definePlugin<v.InferOutput<typeof options>>({
  name: 'bonding',
  version: '1.0.0',
  events: ['bond'],
  options,
  checkStanza(values, _, own) {
    const all = bondOptions(values, optionsIn(own.defaults, usual));
    if (isBond(all)) readBond(all);
  },
  apply(netconf) {
    const { hooks } = netconf;
    const defaults = optionsIn(netconf.options.defaults, usual);
    const members = new Members(netconf, {
      word: 'slave',
      method: 'bond-slave',
      wordsOf: values => (isBond(values) ? slavesIn(values) : undefined),
    });
    const slaves = new Slaves(netconf, members);
    const optionsFor = (operation: Operation): OptionValues | undefined => {
      if (operation.stanza.family === 'meta' || operation.interface.includes(':')) return undefined;
      return bondOptions(optionsOf(operation), defaults);
    };
    const runBond = (operation: Operation, mode: 'up' | 'down', settings: string) =>
      perform(netconf, 'bond', {
        mode,
        interface: operation.interface,
        handle: 'bond',
        environment: { SETTINGS: settings, STANZA: stanzaName(operation.stanza) },
        operation,
      });

    const takeDown = (operation: Operation) =>
      doAll(
        () => members.release(operation, 'bond'),
        () => runBond(operation, 'down', ''),
      );
    const wasBond = ({ interface: on, stanza }: Operation) => hasHandle(netconf, on, 'bond', stanza);

    hooks.preUp.tapPromise('bonds and slaves', async operation => {
      const values = optionsFor(operation);
      if (values === undefined) return;
      if (!isBond(values)) {
        if (wasBond(operation)) await takeDown(operation);
        return slaves.join(operation, values);
      }
      const bond = readBond(values);
      await runBond(operation, 'up', bond.settings.map(pair => pair.join(' ')).join('\n'));
      const queues = Object.entries(bond.queues).map(([slave, id]) => [
        slave,
        { SETTINGS: `queue_id ${id}` },
      ]);
      await members.join(operation, {
        words: bond.slaves,
        environment: { PRIMARY: bond.primary.join(' ') },
        each: Object.fromEntries(queues),
      });
    });
    hooks.postUp.tapPromise('the active slave', async operation => {
      const values = optionsFor(operation);
      if (values === undefined) return;
      if (isBond(values)) await slaves.activate(operation, readBond(values).active);
      else await slaves.giveAChance(operation, values);
    });
    hooks.postDown.tapPromise('bonds and slaves', async operation => {
      const values = optionsFor(operation);
      if (values === undefined) return;
      if (wasBond(operation)) await takeDown(operation);
      if (!isBond(values)) await slaves.leave(operation, values);
    });
    markStanzas(hooks, values => {
      if (isBond(values)) return { makes: { members: namesIn(slavesIn(values)) } };
      const bond = values.get('bond-master')?.value.trim();
      return bond ? { memberOf: bond } : undefined;
    });
    hooks.replaced.tap('ifenslave', (scripts, operation) => {
      const values = optionsFor(operation);
      if (values === undefined || !(isBond(values) || values.has('bond-master'))) return undefined;
      const directories = ['if-pre-up.d', 'if-up.d', 'if-post-down.d'];
      const own = directories.map(name => ({ script: `${name}/ifenslave`, plugin: netconf.name }));
      return [...scripts, ...own];
    });
    followBonds(netconf);
  },
});
