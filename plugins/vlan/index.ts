import {
  definePlugin,
  hasHandle,
  markStanzas,
  type Operation,
  type OptionValues,
  optionsOf,
  optionsOfStanza,
  perform,
  type Stanza,
  stanzaName,
} from 'netconf/plugin';
import { doAll } from '../../core/base/do-all.ts';
import { linkIndex } from '../../core/base/libc/links.ts';
import { hasSettings, readSettings, type Settings } from './settings.ts';
import { parentOf, readVlan, type Vlan } from './vlan.ts';

/**
 * VLANs: by name (`eth0.5`, `eth0.5.7` on that), by `vlan-raw-device` and `vlan-id`, and the other options of Debian's
 * package vlan.
 */
export default definePlugin({
  name: 'vlan',
  version: '1.0.0',
  checkStanza(values, logical) {
    if (logical.includes(':')) return;
    readVlan(logical, values);
    readSettings(values);
  },
  apply(netconf) {
    const { hooks } = netconf;

    const runVlan = (operation: Operation, mode: 'up' | 'down', environment: Record<string, string> = {}) =>
      perform(netconf, 'vlan', {
        mode,
        interface: operation.interface,
        handle: 'vlan',
        environment: { ...environment, STANZA: stanzaName(operation.stanza) },
        operation,
      });
    const wasVlan = ({ interface: on, stanza }: Operation) => hasHandle(netconf, on, 'vlan', stanza);
    const runSettings = (
      operation: Operation,
      mode: 'up' | 'down',
      { sysctls = '', address = '' }: Settings,
    ) =>
      perform(netconf, 'settings', {
        mode,
        interface: operation.interface,
        handle: settingsHandle(operation.stanza),
        environment: { SYSCTLS: sysctls, ADDRESS: address },
        operation,
      });

    hooks.create.tapPromise('VLANs', async operation => {
      if (!isLink(operation)) return;
      const values = optionsOf(operation);
      const vlan = readVlan(operation.interface, values);
      if (vlan === undefined) {
        if (wasVlan(operation)) await runVlan(operation, 'down');
        return;
      }
      for (const note of notesOn(operation.interface, vlan)) operation.progress(note);
      await runVlan(operation, 'up', environmentOf(vlan, values));
    });
    // What a plugin makes before the scripts run is there.
    hooks.preUp.tapPromise({ name: 'hw-mac-address', stage: 5 }, async operation => {
      const { address } = isLink(operation) ? readSettings(optionsOf(operation)) : {};
      if (address !== undefined) await runSettings(operation, 'up', { address });
    });
    hooks.postUp.tapPromise('ip-proxy-arp, ip-rp-filter', async operation => {
      const { sysctls } = isLink(operation) ? readSettings(optionsOf(operation)) : {};
      if (sysctls !== undefined) await runSettings(operation, 'up', { sysctls });
    });
    hooks.destroy.tapPromise('VLANs', async operation => {
      const { interface: on, stanza } = operation;
      await doAll(
        () => hasHandle(netconf, on, settingsHandle(stanza)) && runSettings(operation, 'down', {}),
        () => wasVlan(operation) && runVlan(operation, 'down'),
      );
    });
    hooks.prerequisites.tap('parents of VLANs', (interfaces, operation) => {
      const { interface: on, logical } = operation;
      if (operation.request !== 'ifup' || on.includes(':')) return undefined;
      const known = netconf.gather('stanzas', [], operation);
      const own = known.filter(one => one.logical === logical).map(one => optionsOfStanza(one.stanza));
      const parents = [...own, optionsOf(operation)].map(values => parentOf(on, values));
      const needed = [...new Set(parents)].filter(
        (parent): parent is string =>
          parent !== undefined && !interfaces.includes(parent) && known.some(one => one.logical === parent),
      );
      return needed.length > 0 ? [...interfaces, ...needed] : undefined;
    });
    markStanzas(hooks, (values, { logical }) => {
      const parent = parentOf(logical, values);
      return parent === undefined ? undefined : { makes: { on: parent } };
    });
    hooks.replaced.tap('vlan', (scripts, operation) => {
      const values = optionsOf(operation);
      if (!isLink(operation) || !(values.has('vlan-raw-device') || hasSettings(values))) return undefined;
      const own = ['if-pre-up.d/vlan', 'if-post-down.d/vlan', 'if-up.d/ip'];
      return [...scripts, ...own.map(script => ({ script, plugin: netconf.name }))];
    });
  },
});

function settingsHandle(stanza: Stanza): string {
  return `settings-${stanzaName(stanza)}`;
}

function isLink({ interface: on, stanza }: Operation): boolean {
  return stanza.family !== 'meta' && !on.includes(':');
}

function notesOn(name: string, { note, parent, isLenient }: Vlan): string[] {
  const isMissing = isLenient && linkIndex(name) === undefined && linkIndex(parent) === undefined;
  return [
    ...(note === undefined ? [] : [note]),
    ...(isMissing ? [`there is no ${parent} to make a VLAN ${name} on`] : []),
  ];
}

function environmentOf(
  { parent, id, protocol, isLenient }: Vlan,
  values: OptionValues,
): Record<string, string> {
  const mtu = values.get('mtu')?.value.trim() ?? '';
  return {
    PARENT: parent,
    ID: String(id),
    PROTOCOL: protocol,
    MTU: /^\d{1,5}$/.test(mtu) ? mtu : '',
    LENIENT: isLenient ? '1' : '',
  };
}
