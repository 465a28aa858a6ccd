import {
  definePlugin,
  hasHandle,
  markStanzas,
  type Operation,
  type OptionValues,
  optionsOf,
  optionsOfStanza,
  perform,
  stanzaName,
} from 'netconf/plugin';
import { doAll } from '../../core/base/do-all.ts';
import { type MadeLink, readLink, vrfIn } from './kinds.ts';

const methods = ['macvlan', 'vrf', 'dummy'] as const;

/** Links that are nothing but a line or two of options: macvlan and macvtap, VRF and its members, dummy. */
export default definePlugin({
  name: 'virtual-links',
  version: '1.0.0',
  checkStanza(values) {
    readLink(values);
  },
  apply(netconf) {
    const { hooks } = netconf;
    const isLink = ({ interface: on, stanza }: Operation) => stanza.family !== 'meta' && !on.includes(':');
    const run = (
      operation: Operation,
      mode: 'up' | 'down',
      method: string,
      environment: Readonly<Record<string, string>> = {},
    ) =>
      perform(netconf, method, {
        mode,
        interface: operation.interface,
        handle: method,
        environment: { ...environment, STANZA: stanzaName(operation.stanza) },
        operation,
      });

    const was = ({ interface: on, stanza }: Operation, method: string) =>
      hasHandle(netconf, on, method, stanza);
    const takeBack = (operation: Operation, but?: string) =>
      doAll(
        ...methods.map(name => () => name !== but && was(operation, name) && run(operation, 'down', name)),
      );

    hooks.create.tapPromise('macvlan, VRF, dummy', async operation => {
      const link = isLink(operation) ? readLink(optionsOf(operation)) : undefined;
      await takeBack(operation, link?.method);
      if (link !== undefined) await run(operation, 'up', link.method, link.environment);
    });
    // Before there are addresses: their routes go to the VRF's table then.
    hooks.preUp.tapPromise({ name: 'members of VRFs', stage: 5 }, async operation => {
      const vrf = isLink(operation) ? vrfIn(optionsOf(operation)) : undefined;
      if (vrf !== undefined) await run(operation, 'up', 'vrf-member', { VRF: vrf });
      else if (was(operation, 'vrf-member')) await run(operation, 'down', 'vrf-member');
    });
    hooks.destroy.tapPromise('macvlan, VRF, dummy', operation =>
      doAll(
        () => was(operation, 'vrf-member') && run(operation, 'down', 'vrf-member'),
        () => takeBack(operation),
      ),
    );
    hooks.prerequisites.tap('what links stand on', (interfaces, operation) => {
      if (operation.request !== 'ifup' || operation.interface.includes(':')) return undefined;
      const known = netconf.gather('stanzas', [], operation);
      const own = known.filter(one => one.logical === operation.logical);
      const all = [...own.map(one => optionsOfStanza(one.stanza)), optionsOf(operation)];
      const needed = new Set(all.flatMap(values => [vrfIn(values), linkIn(values)?.on]));
      const more = [...needed].filter(
        (name): name is string =>
          name !== undefined && !interfaces.includes(name) && known.some(one => one.logical === name),
      );
      return more.length > 0 ? [...interfaces, ...more] : undefined;
    });
    markStanzas(hooks, values => {
      const link = linkIn(values);
      const vrf = vrfIn(values);
      return {
        ...(link && { makes: link.on === undefined ? {} : { on: link.on } }),
        ...(vrf !== undefined && { memberOf: vrf }),
      };
    });
  },
});

/** Mistakes are told when the link is to be made. */
function linkIn(values: OptionValues): MadeLink | undefined {
  try {
    return readLink(values);
  } catch {
    return undefined;
  }
}
