import {
  definePlugin,
  hasHandle,
  markStanzas,
  type Netconf,
  type Operation,
  type OptionValues,
  optionsIn,
  optionsOf,
  optionsOfStanza,
  perform,
  stanzaName,
} from 'netconf/plugin';
import * as v from 'valibot';
import { doAll } from '../../core/base/do-all.ts';
import { attributeOf } from '../../core/base/links.ts';
import { Members } from '../../core/plugin/members/members.ts';
import { namesIn } from '../../core/plugin/members/select.ts';
import { followBridges } from './events.ts';
import { type Bridge, portsIn, portVlansIn, readBridge } from './options.ts';
import { vlanPorts } from './vlan-ports.ts';
import { vlanLines } from './vlans.ts';
import { waitForLinks, waitForPorts } from './waiting.ts';

export type * from './events.ts';

const options = v.strictObject({
  /** Options of interfaces(5), such as `bridge_stp`, of bridges that say nothing about them. */
  defaults: v.optional(
    v.record(v.pipe(v.string(), v.regex(/^bridge[-_]/, 'a bridge_ option')), v.string()),
    {},
  ),
  /** A link that a port is made on as a VLAN (`eth0` of `eth0.5`) keeps its IPv6 address of the link. */
  linkLocalOfParents: v.optional(v.boolean(), false),
});

/** Where options stand that no stanza has. */
const usual = 'plugins.bridging.defaults';

/** Bridges: the options of bridge-utils in interfaces(5) and policies, ports that join when they appear, and bridge events. */
export default definePlugin<v.InferOutput<typeof options>>({
  name: 'bridging',
  version: '1.0.0',
  events: ['bridge'],
  options,
  checkStanza(values, _, own) {
    if (portsIn(values) !== undefined) readBridge(new Map([...optionsIn(own.defaults, usual), ...values]));
  },
  apply(netconf) {
    const { hooks } = netconf;
    const defaults = optionsIn(netconf.options.defaults, usual);
    const members = new Members(netconf, {
      word: 'port',
      method: 'bridge-port',
      wordsOf: portsIn,
      made: vlanPorts(netconf, netconf.options.linkLocalOfParents),
    });
    const optionsFor = (operation: Operation): OptionValues | undefined => {
      if (operation.stanza.family === 'meta' || operation.interface.includes(':')) return undefined;
      const own = optionsOf(operation);
      return portsIn(own) === undefined ? undefined : new Map([...defaults, ...own]);
    };

    const takeDown = (operation: Operation) =>
      doAll(
        () => members.release(operation, 'bridge'),
        () => runBridge(netconf, operation, 'down'),
      );
    const wasBridge = ({ interface: on, stanza }: Operation) => hasHandle(netconf, on, 'bridge', stanza);

    hooks.preUp.tapPromise('bridges', async operation => {
      const values = optionsFor(operation);
      if (values === undefined) {
        if (wasBridge(operation)) await takeDown(operation);
        return;
      }
      const bridge = readBridge(values);
      for (const note of bridge.notes) operation.progress(note);
      await runBridge(netconf, operation, 'up', bridge);
      await waitForLinks(operation, bridge);
      await members.join(operation, {
        words: bridge.ports,
        environment: { MTU: bridge.mtu ?? '' },
        each: portsOf(netconf, operation, bridge),
      });
      await runBridge(netconf, operation, 'up', bridge, { UP: '1' });
      if (!netconf.observe) await waitForPorts(operation, bridge.maxWait);
    });
    hooks.postDown.tapPromise('bridges', async operation => {
      if (wasBridge(operation)) await takeDown(operation);
    });
    markStanzas(hooks, values => {
      const ports = portsIn(values);
      return ports && { makes: { members: namesIn(ports) } };
    });
    hooks.replaced.tap('bridge-utils', (scripts, operation) => {
      if (optionsFor(operation) === undefined) return undefined;
      const directories = ['if-pre-up.d', 'if-down.d', 'if-post-down.d'];
      return [...scripts, ...directories.map(name => ({ script: `${name}/bridge`, plugin: netconf.name }))];
    });
    followBridges(netconf);
  },
});

function runBridge(
  netconf: Netconf<unknown>,
  operation: Operation,
  mode: 'up' | 'down',
  bridge?: Bridge,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { hardware, settings = [], vlans } = bridge ?? {};
  const address =
    hardware && ('address' in hardware ? hardware.address : attributeOf(hardware.of, 'address'));
  return perform(netconf, 'bridge', {
    mode,
    interface: operation.interface,
    handle: 'bridge',
    environment: {
      SETTINGS: settings.map(pair => pair.join(' ')).join('\n'),
      ...(address && { ADDRESS: address }),
      ...(vlans && { VLANS: vlanLines({ ...vlans, portRanges: {}, portUntagged: {} }) }),
      STANZA: stanzaName(operation.stanza),
      ...more,
    },
    operation,
  });
}

/** What each port is to have of its own: by the bridge's options, and of VLANs by the port's own stanza. */
function portsOf(
  netconf: Netconf<unknown>,
  operation: Operation,
  bridge: Bridge,
): Record<string, Record<string, string>> {
  const { costs, priorities, vlans, ports, hardware } = bridge;
  const lender = hardware && 'of' in hardware ? hardware.of : undefined;
  const own = new Map<string, string>();
  if (vlans !== undefined) {
    for (const { logical, stanza } of netconf.gather('stanzas', [], operation)) {
      const lines = logical === operation.logical ? undefined : portVlansIn(optionsOfStanza(stanza));
      if (lines !== undefined) own.set(logical, lines);
    }
  }
  const names = new Set([
    ...ports,
    ...Object.keys(costs),
    ...Object.keys(priorities),
    ...Object.keys(vlans?.portRanges ?? {}),
    ...Object.keys(vlans?.portUntagged ?? {}),
    ...(lender === undefined ? [] : [lender]),
    ...own.keys(),
  ]);
  return Object.fromEntries(
    [...names].map(port => {
      const settings = [
        ...(costs[port] === undefined ? [] : [`cost ${costs[port]}`]),
        ...(priorities[port] === undefined ? [] : [`priority ${priorities[port]}`]),
      ];
      const lines = vlans === undefined ? '' : (own.get(port) ?? vlanLines(vlans, port));
      const more = port === lender ? { HARDWARE: '1' } : {};
      return [port, { SETTINGS: settings.join('\n'), VLANS: lines, ...more }];
    }),
  );
}
