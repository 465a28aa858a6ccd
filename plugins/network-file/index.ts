import { definePlugin, type Operation, type Stanza } from 'netconf/plugin';
import * as v from 'valibot';
import { Comings } from './comings.ts';
import { family } from './events.ts';
import { Extras } from './extras.ts';
import { firewallPart } from './firewall.ts';
import { NetworkFile } from './network.ts';

const options = v.strictObject({
  /** Beside it lies the directory FILE.d. */
  file: v.optional(v.pipe(v.string(), v.startsWith('/')), '/etc/netconf/network.conf'),
});

/** What `network apply` takes. */
const applying = v.strictObject({
  confirm: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(86_400))),
});

/**
 * The network file: the source `NetworkFile`, which also answers for `ENI` what interfaces(5) would be asked for; its
 * rules; and `netconf network apply`, which makes the least changes, undoes what fails, and goes back by itself.
 */
export default definePlugin<v.InferOutput<typeof options>>({
  name: 'network-file',
  version: '1.0.0',
  events: [family],
  options,
  apply(netconf) {
    const { hooks } = netconf;
    const network = new NetworkFile(netconf, netconf.options.file);
    const extras = new Extras(netconf);
    extras.tap();
    new Comings(netconf, extras, name => network.inForce.units.get(name)).listen();
    if (network.exists) network.load();

    const stanzasOf = ({ logical }: Operation): readonly Stanza[] | undefined =>
      network.inForce.units.get(logical)?.stanzas;
    hooks.source.for('NetworkFile').tap('network.conf', operation => stanzasOf(operation) ?? refuse(network));
    // Before interfaces(5), whose file the policy or the request may name.
    hooks.source
      .for('ENI')
      .tap({ name: 'network.conf', stage: -10 }, operation =>
        operation.options.file === undefined && operation.parameters.file === undefined
          ? stanzasOf(operation)
          : undefined,
      );
    // Who makes the connection gives the link its addresses: there is nothing to do but to wait for them.
    hooks.step.for('Dynamical').tap('dial-up', () => ({ outcome: 'OK' }));
    // After the other sources: what they declare goes back to them when it is declared here no more.
    hooks.declared.tap({ name: 'network.conf', stage: 10 }, declared => {
      network.others = new Set(declared.map(one => one.interface));
      const own = [...network.inForce.units.values()].filter(({ classes }) => classes.length > 0);
      return own.length === 0
        ? undefined
        : [
            ...declared.filter(one => !network.inForce.units.has(one.interface)),
            ...own.map(({ name, classes }) => ({ interface: name, logical: name, classes })),
          ];
    });
    hooks.prerequisites.tap('tunnels', (interfaces, { logical }) => {
      const needed = network.inForce.units.get(logical)?.prerequisites ?? [];
      return needed.length === 0 ? undefined : [...new Set([...interfaces, ...needed])];
    });
    hooks.firewall.tap('rules of network.conf', parts => {
      const { texts, model } = network.inForce;
      return texts.size === 0 ? undefined : [...parts, firewallPart(netconf.name, model)];
    });
    hooks.answer.for('network apply').tapPromise('apply', async ({ parameters, progress }) => {
      if (netconf.observe) return { state: 'observing' };
      const asked = v.safeParse(applying, parameters);
      if (asked.success) return network.apply(asked.output.confirm, progress);
      const message = asked.issues.map(issue => issue.message).join('; ');
      return { state: 'refused', problems: [{ severity: 'error', place: 'parameters', message }] };
    });
    hooks.answer.for('network confirm').tap('confirm', () => network.confirm());
    // Operations can be done once the daemon is ready and the kernel's state is known; without a daemon it never is.
    let ready = false;
    let known = false;
    const resume = () => {
      if (ready && known) network.resume();
    };
    hooks.ready.tap('what was being applied', () => {
      ready = true;
      resume();
    });
    const once = netconf.on('link.added', event => {
      if (!event.replayed) return;
      once();
      known = true;
      resume();
    });
  },
});

/** Whoever asks for the network file by name is told why it says nothing. */
function refuse({ file, inForce, exists }: NetworkFile): undefined {
  if (inForce.texts.size > 0 || !exists) return undefined;
  throw new Error(
    `${file} is not in force: netconf network apply brings it into force, or says what is wrong with it`,
  );
}
