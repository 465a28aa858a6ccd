import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { connect } from '../../../core/control/client.ts';
import { needs } from '../../setup.ts';
import { until } from '../../until.ts';
import { keptFiles, Lab } from './lab.ts';

/** For a longer hunt, or to see a failure again: other runs, another seed. */
const numRuns = Number(process.env.NETCONF_RANDOM_RUNS ?? 3);
const seed = Number(process.env.NETCONF_RANDOM_SEED ?? 1);

const deeds = ['up', 'force', 'down', 'hang up', 'reload', 'flap', 'flush', 'client', 'kill'] as const;
type Deed = (typeof deeds)[number];

const cfg = ['timeout 8', 'FAIL,TIMEOUT LinkLocal'];
const range = '--dhcp-range=10.3.0.100,10.3.0.199,2m';

/** What a client of its own asks for; it may hang up, and netconfd may end. */
async function ask(lab: Lab, request: 'Up' | 'Down', parameters: object, ms?: number): Promise<void> {
  const signal = ms === undefined ? undefined : AbortSignal.timeout(ms);
  try {
    const client = await connect({ socket: join(lab.run, 'control'), ...(signal && { signal }) });
    await client.call(request, { interface: 'e0', ...parameters }).finally(() => client.close());
  } catch {
    // Told, and no matter here.
  }
}

async function does(lab: Lab, deed: Deed, dhcp: string): Promise<void> {
  const link = (...words: string[]) => lab.ip('-n', lab.serverNs, 'link', 'set', 's0', ...words);
  switch (deed) {
    case 'up':
      return ask(lab, 'Up', {});
    case 'force':
      return ask(lab, 'Up', { force: true });
    case 'down':
      return ask(lab, 'Down', {});
    case 'hang up':
      return ask(lab, 'Up', {}, 60);
    case 'reload':
      lab.netconf('plugin', 'unload', 'dhcp');
      lab.netconf('plugin', 'load', 'dhcp');
      return;
    case 'flap':
      link('down');
      link('up');
      return;
    case 'flush':
      lab.inside('ip', '-4', 'address', 'flush', 'dev', 'e0');
      return;
    default:
      for (const pid of lab.processes(dhcp))
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It has ended just now.
        }
  }
}

/** What must hold whatever has happened: it goes up, and all of it goes down. */
async function check(lab: Lab, dhcp: string): Promise<void> {
  const up = await lab.up({ force: true });
  assert.deepEqual([up.step, up.outcome], ['DHCP', 'BOUND'], JSON.stringify(up));
  assert.match(lab.addresses().join(), /^10\.3\.0\.1\d\d\/24$/);
  // What a netconfd that was killed gave back with may take a second more.
  await until('a single client', () => lab.processes(dhcp).length === 1);
  const { state, message } = await lab.down();
  assert.equal(state, 'deconfigured', message);
  assert.deepEqual([lab.addresses(), lab.routes(), lab.processes(dhcp)], [[], [], []]);
  await until('no files', () => keptFiles(lab).every(name => !/^dhcp-clients.*(json|conf|pid)$/.test(name)));
  assert.deepEqual(
    readdirSync(join(lab.run, 'interfaces')).filter(name => name.startsWith('e0')),
    [],
  );
  assert.doesNotMatch(lab.output(), /nobody caught|nobody awaited/);
}

describe('the step DHCP and anything that happens meanwhile', function () {
  this.timeout(60_000 + numRuns * 30_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'dhclient', 'udhcpc', 'dnsmasq', 'arping'] });
  });

  it('leaves an interface that goes up with a lease, and down without a trace', async () => {
    const deed = fc.record({ deed: fc.constantFrom(...deeds), after: fc.integer({ min: 0, max: 150 }) });
    const property = fc.asyncProperty(
      fc.array(deed, { minLength: 8, maxLength: 16, size: 'max' }),
      fc.constantFrom('dhclient', 'udhcpc'),
      async (found, dhcp) => {
        await using lab = new Lab({ cfg: [...cfg, `dhcp-client ${dhcp}`], sections: '[cfg LinkLocal]' });
        await lab.start();
        await lab.dnsmasq(range);
        const pending: Promise<void>[] = [];
        for (const { deed: next, after } of found) {
          if (next !== 'kill') pending.push(does(lab, next, dhcp));
          else {
            await lab.kill('SIGKILL');
            await lab.start();
          }
          await new Promise(resolve => setTimeout(resolve, after));
        }
        await Promise.all(pending);
        await check(lab, dhcp);
      },
    );
    await fc.assert(property, { numRuns, seed, endOnFailure: true });
  });
});
