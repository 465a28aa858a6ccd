import { definePlugin, type Operation, placeOf, type StepResult } from 'netconf/plugin';
import * as v from 'valibot';
import { messageOf } from '../../core/base/errors.ts';
import { type Configuration, readConfiguration } from './configuration.ts';
import { Tunnels } from './tunnels.ts';

const options = v.strictObject({
  /** Where IF.conf of an interface lies, unless something else is said. */
  directory: v.optional(
    v.pipe(v.string(), v.regex(/^\//, 'an absolute path was expected')),
    '/etc/wireguard',
  ),
  /** Mark of WireGuard's own packets, where a file has no FwMark; by it the plugin guard knows them. 0 for none. */
  mark: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff)), 28_259),
});

const usualTimeout = 15;

/**
 * The step WireGuard, which does what wg-quick(8) does; and the options `wireguard-config-path` and `use wireguard` of
 * interfaces(5), which make the link before the stanza's own method gives it addresses.
 */
export default definePlugin<v.InferOutput<typeof options>>({
  name: 'wireguard',
  version: '1.0.0',
  events: ['vpn'],
  options,
  apply(netconf) {
    const { directory, mark } = netconf.options;
    const tunnels = new Tunnels(netconf, mark);

    netconf.hooks.step.for('WireGuard').tapPromise('WireGuard', async (operation): Promise<StepResult> => {
      if (operation.request === 'ifdown') {
        const failure = await tunnels.down(operation);
        return failure === undefined ? { outcome: 'OK' } : { outcome: 'FAIL', message: failure };
      }
      try {
        const { config = usualFile(operation), timeout } = parametersOf(operation);
        return await tunnels.up(operation, read(config), timeout);
      } catch (error) {
        return { outcome: 'FAIL', message: `WireGuard: ${messageOf(error)}` };
      }
    });
    netconf.hooks.create.tapPromise('wireguard-config-path', async operation => {
      const file = fileOf(operation);
      if (file === undefined) return;
      const place = placeOf(operation.stanza, 'wireguard-config-path');
      const about = place === undefined ? '' : `${place}: `;
      let configuration: Configuration;
      try {
        configuration = read(file);
      } catch (error) {
        throw new Error(`${about}${messageOf(error)}`);
      }
      const failure = await tunnels.link(operation, configuration);
      if (failure !== undefined) throw new Error(failure);
    });
    netconf.hooks.postUp.tapPromise('wireguard-config-path', async operation => {
      const file = fileOf(operation);
      if (file === undefined) return;
      const addresses = operation.stanza.options
        .filter(([name]) => name === 'address')
        .map(([, value]) => value);
      // Name servers are what the stanza's dns- options say.
      await tunnels.tell(operation, { ...read(file), dns: [], search: [] }, addresses);
    });
    netconf.hooks.destroy.tapPromise('wireguard-config-path', async operation => {
      const failure = fileOf(operation) === undefined ? undefined : await tunnels.down(operation);
      if (failure !== undefined) throw new Error(failure);
    });
    const recall = netconf.on('link.added', event => {
      if (!event.replayed) return;
      recall();
      if (!netconf.observe) tunnels.recall();
    });

    function read(file: string): Configuration {
      if (!file.startsWith('/')) throw new Error(`${file.slice(0, 120)}: no absolute path`);
      return readConfiguration(file, path => netconf.trust(path));
    }

    function usualFile({ interface: on }: Operation): string {
      return `${directory}/${on}.conf`;
    }

    /** Of a stanza that wants its link made; the options are ifupdown-ng's. */
    function fileOf(operation: Operation): string | undefined {
      const { options: own, family } = operation.stanza;
      const path = own.find(([name]) => name === 'wireguard-config-path')?.[1];
      if (path !== undefined || family === 'meta') return path;
      return own.some(([name, value]) => name === 'use' && value.split(/\s+/).includes('wireguard'))
        ? usualFile(operation)
        : undefined;
    }
  },
});

/** Of `[cfg WireGuard]`. Throws a sentence. */
function parametersOf({ parameters }: Operation): { config?: string; timeout: number } {
  const { config, timeout = String(usualTimeout), ...others } = parameters;
  const [stranger] = Object.keys(others);
  if (stranger !== undefined) throw new Error(`${stranger}: known are config, timeout`);
  if (!/^\d{1,5}$/.test(timeout))
    throw new Error(`timeout ${timeout}: a number of seconds; 0 waits for no handshake`);
  return { ...(config !== undefined && { config }), timeout: Number(timeout) };
}
