import {
  definePlugin,
  isEventName,
  type Netconf,
  type Operation,
  reservedFamilies,
  type StepResult,
} from 'netconf/plugin';
import * as v from 'valibot';
import { messageOf } from '../../core/base/errors.ts';
import { Conditions, type Unless, unlessIn } from './conditions.ts';
import { defaultRoute } from './default-route.ts';
import { namesIn, startNamed, stopNamed } from './option.ts';
import { Paused } from './paused.ts';
import { readSettings, Sessions } from './sessions.ts';

const options = v.strictObject({
  /** Where the configurations lie that the option `openvpn NAME` names. */
  directory: v.optional(v.pipe(v.string(), v.regex(/^\//, 'an absolute path was expected')), '/etc/openvpn'),
  /** Mark of OpenVPN's own packets, by which the plugin guard knows them; 0 for none. */
  mark: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff)), 28_259),
});

/**
 * The step OpenVPN, and the option `openvpn` of interfaces(5): OpenVPN is started, watched over its management socket,
 * and what its peer pushes is applied by methods.
 */
export default definePlugin<v.InferOutput<typeof options>>({
  name: 'openvpn',
  version: '1.0.0',
  events: ['vpn'],
  options,
  apply(netconf) {
    const { directory, mark } = netconf.options;
    const sessions = new Sessions({ netconf, mark });
    const conditions = new Conditions(netconf.paths.run);
    const paused = new Paused(netconf);
    // True in a daemon, which looks after what it starts; an ifup without one does not stay.
    let daemon = false;

    const step = netconf.hooks.step.for('OpenVPN');
    step.tapPromise('OpenVPN', operation => (operation.request === 'ifup' ? up(operation) : down(operation)));
    netconf.hooks.prerequisites.tap('require', (interfaces, { step: start, parameters }) => {
      const needed =
        start === 'OpenVPN' ? (parameters.require ?? '').split(/\s+/).filter(each => each !== '') : [];
      return needed.length === 0
        ? undefined
        : [...interfaces, ...needed.filter(each => !interfaces.includes(each))];
    });
    netconf.hooks.postUp.tap('option openvpn', operation => {
      if (daemon && namesIn(operation).length > 0) startNamed(netconf, sessions, directory, operation);
    });
    netconf.hooks.preDown.tapPromise('option openvpn', operation => stopNamed(sessions, operation));
    netconf.hooks.replaced.tap('option openvpn', (scripts, operation) => {
      const ours = operation.request === 'ifup' ? daemon : sessions.wantedBy(operation.interface).length > 0;
      if (!ours || !operation.stanza.options.some(([name]) => name === 'openvpn')) return undefined;
      const plugin = netconf.name;
      return [...scripts, ...['if-up.d/openvpn', 'if-down.d/openvpn'].map(script => ({ script, plugin }))];
    });
    // The daemon tells what exists at its start, or to a plugin that comes late: then there is something to take over.
    const adopt = netconf.on('link.added', event => {
      if (!event.replayed) return;
      adopt();
      daemon = !netconf.observe;
      if (!daemon) return;
      paused.recall();
      sessions.adopt();
    });
    netconf.on('link.removed', event => sessions.deviceGone(event.data.old.ifname));
    netconf.on('link.renamed', event => {
      const { ifname } = event.data.old;
      if (sessions.has(ifname)) void renamed(netconf, sessions, ifname, event.data.new.ifname);
    });
    netconf.on('*', event => {
      // In a storm, most come from the kernel.
      if (event.source === 'netlink' || reservedFamilies.has(event.family)) return;
      conditions.happened(event.name);
      paused.heard(event);
    });
    netconf.on('request.ifdown', event => paused.asked(event));
    netconf.onUnload(() => sessions.release());

    async function up(operation: Operation): Promise<StepResult> {
      const settings = readSettings(netconf, operation);
      const fail = (message: string) => ({ outcome: 'FAIL', message: `OpenVPN: ${message}` });
      if (typeof settings === 'string') return fail(settings);
      let unless: Unless | undefined;
      try {
        unless = unlessIn(operation.parameters.unless, isEventName);
      } catch (error) {
        return fail(messageOf(error));
      }
      const holds = unless !== undefined && conditions.holds(unless);
      paused.watch(operation.interface, unless, holds);
      if (unless !== undefined && holds)
        return fail(`not while ${unless.from} holds (until ${unless.until})`);
      const way = operation.parameters['default-route'];
      if (way !== undefined) {
        const missing = await defaultRoute(netconf, operation, way, settings.timeout * 1000);
        if (missing !== undefined) return { outcome: 'FAIL', message: `OpenVPN: ${missing}` };
      }
      return sessions.up(operation, settings);
    }

    async function down(operation: Operation): Promise<StepResult> {
      const failure = await sessions.down(operation.interface, 'ifdown', operation);
      return failure === undefined ? { outcome: 'OK' } : { outcome: 'FAIL', message: failure };
    }
  },
});

/** A VPN whose device has another name now ends: its addresses and routes are known under the old one. */
async function renamed(
  netconf: Netconf<unknown>,
  sessions: Sessions,
  old: string,
  name: string,
): Promise<void> {
  netconf.log.warning(`${old} is called ${name} now: its VPN ends`);
  try {
    await netconf.operate('ifdown', old, { force: true });
    await sessions.down(old, `its device is called ${name} now`);
  } catch (error) {
    netconf.log.error(`${old}: ${messageOf(error)}`);
  }
}
