/**
 * A plugin for real daemons, as a file: stanzas and plans come from `world.json` beside it, read anew each time, so that
 * a test changes the world between two operations. The step `Address` adds its option `address` with ip(8), and takes
 * it away; `Script` runs the option `script`; `Wait` waits for ever.
 */
export const worldPlugin = (folder: string): string =>
  `
import { readFileSync } from 'node:fs';
import { failureOf } from 'netconf/plugin';
const world = () => JSON.parse(readFileSync('${folder}/world.json', 'utf8'));
const option = (operation, name) => operation.stanza.options.find(([key]) => key === name)?.[1];
export default {
  name: 'world',
  apply(netconf) {
    netconf.hooks.plan.tap('world', ({ subject }) => {
      const plan = { file: 'world', prerequisites: [], start: 'ENI', steps: {}, ...world().plans?.[subject] };
      return plan;
    });
    netconf.hooks.authorise.tap('world', ({ subject, peer }) =>
      world().allow?.includes(subject) ? { allow: true } : undefined);
    netconf.hooks.declared.tap('world', all => [...all, ...(world().declared ?? [])]);
    netconf.hooks.source.for('ENI').tap('world', ({ logical }) => world().stanzas?.[logical]);
    const step = (name, work) => netconf.hooks.step.for(name).tapPromise(name, work);
    const ip = async (operation, ...argv) => {
      const run = await netconf.run({ path: '/usr/sbin/ip', argv, environment: {}, operation });
      const message = failureOf(run);
      return message === undefined ? { outcome: 'OK' } : { outcome: 'FAIL', message };
    };
    step('Address', operation => ip(operation, 'address',
      operation.request === 'ifup' ? 'replace' : 'del', option(operation, 'address'), 'dev', operation.interface));
    step('Script', async operation => {
      if (operation.request === 'ifdown') return { outcome: 'OK' };
      const run = await netconf.run({ path: option(operation, 'script'), environment: { IFACE: operation.interface }, operation });
      const message = failureOf(run);
      return message === undefined ? { outcome: 'OK' } : { outcome: 'FAIL', message };
    });
    step('Wait', operation => operation.request === 'ifdown' ? { outcome: 'OK' } : new Promise(resolve => {
      operation.progress('waits');
      operation.signal.addEventListener('abort', () => resolve({ outcome: 'FAIL' }));
    }));
    netconf.on('please-ifup', event => netconf.operate('ifup', event.interface, { cause: event }));
  },
};
`.replace(
    "import { failureOf } from 'netconf/plugin';",
    `const failureOf = run => run.status === 0 ? undefined : run.script + ' ended with ' + (run.error ?? run.signal ?? run.status);`,
  );

export interface WorldFile {
  plans?: Record<string, object>;
  stanzas?: Record<string, object[]>;
  declared?: object[];
  allow?: string[];
}

export const address = (value: string) => ({
  family: 'inet',
  method: 'static',
  step: 'Address',
  options: [['address', value]],
  place: 'world:1',
});

export const script = (path: string) => ({
  family: 'inet',
  method: 'manual',
  step: 'Script',
  options: [['script', path]],
});

export const wait = { family: 'inet', method: 'manual', step: 'Wait', options: [] };

/** What ships and would answer in the world's stead stays out; nothing of the machine's is read. */
export const alone = JSON.stringify({ plugins: { interfaces: false, policy: false } });
