import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenarios } from '../../parallel.ts';
import { until } from '../../until.ts';
import { dhcpcdIn, keptFiles, Lab } from './lab.ts';
import { packages } from './packages.ts';

/** The shortest that these clients take. */
const lease = `default-lease-time 20; option routers 10.3.0.1; option domain-name-servers 10.3.0.53;
  range 10.3.0.100 10.3.0.110;`;

const bind = (client: string) => ({
  cfg: ['timeout 12', `dhcp-client ${client}`, 'metric 5'],
  ...(client === 'dhcpcd' && { mounts: dhcpcdIn(packages.dhcpcd) }),
});

async function boundLab(client: string): Promise<{ lab: Lab; end: () => Promise<void> }> {
  const lab = new Lab(bind(client));
  await lab.start();
  const end = await lab.dhcpd(packages.dhcpd, lease);
  const result = await lab.up();
  assert.equal(result.outcome, 'BOUND', JSON.stringify(result) + lab.output());
  assert.deepEqual([lab.addresses(), lab.routes()], [['10.3.0.100/24'], ['default 10.3.0.1 5']]);
  const { data } = await lab.event('dhcp.bound');
  assert.deepEqual([data.client, data.lease!.dns, data.refused], [client, ['10.3.0.53'], undefined]);
  return { lab, end };
}

async function down(lab: Lab, client: string): Promise<void> {
  const { state, message } = await lab.down();
  assert.equal(state, 'deconfigured', message);
  assert.deepEqual([lab.addresses(), lab.routes(), lab.processes(client)], [[], [], []]);
  await until('the release', () => /DHCPRELEASE/.test(lab.output()));
  assert.deepEqual(
    keptFiles(lab).filter(name => !name.endsWith('.leases')),
    [],
  );
}

async function renewedAndTakenOver(client: string): Promise<void> {
  const { lab } = await boundLab(client);
  await using _ = lab;
  await lab.event('dhcp.renewed', 0, undefined, 30_000);
  const pids = lab.processes(client);
  await lab.kill('SIGKILL');
  const after = lab.events.length;
  await lab.start();
  await lab.event('dhcp.bound', after, ({ replayed }) => replayed === true);
  assert.deepEqual(lab.processes(client), pids);
  assert.equal(lab.addresses().length, 1);
  await down(lab, client);
}

async function lostAndBoundAgain(client: string): Promise<void> {
  const { lab, end } = await boundLab(client);
  await using _ = lab;
  await end();
  const after = lab.events.length;
  await lab.event('dhcp.expired', after, undefined, 40_000);
  await until('no address', () => lab.addresses().length === 0);
  await lab.dhcpd(packages.dhcpd, lease);
  await until('the address', () => lab.addresses().join() === '10.3.0.100/24');
  await down(lab, client);
}

/** DHCP with udhcpc and dhcpcd, whose leases last twenty seconds at least. */
export const clients: Scenarios = {
  'is renewed with udhcpc, taken over by another netconfd, and given back': () =>
    renewedAndTakenOver('udhcpc'),
  'is renewed with dhcpcd, taken over by another netconfd, and given back': () =>
    renewedAndTakenOver('dhcpcd'),
  'is lost with udhcpc, and there again with a server': () => lostAndBoundAgain('udhcpc'),
  'is lost with dhcpcd, and there again with a server': () => lostAndBoundAgain('dhcpcd'),

  'has its hostile options refused with udhcpc': async () => {
    await using lab = new Lab({ cfg: ['timeout 12', 'dhcp-client udhcpc'] });
    await lab.start();
    await lab.dnsmasq(
      ...['--dhcp-range=10.3.0.100,10.3.0.200,2m', `--dhcp-option=252,http://a/$(touch ${lab.folder}/pwned)`],
      ...['--dhcp-option=15,$(reboot)', '--dhcp-option=101,../../etc/passwd', '--dhcp-option=26,0'],
    );
    const result = await lab.up();
    assert.equal(result.outcome, 'BOUND', JSON.stringify(result) + lab.output());
    const { data } = await lab.event('dhcp.bound');
    const names = data.refused!.map(({ option }) => option).sort();
    assert.deepEqual(names, ['domain', 'mtu', 'tzdbstr', 'wpad']);
    assert.equal(existsSync(join(lab.folder, 'pwned')), false);
  },

  'fails with a sentence when the client is not there': async () => {
    await using lab = new Lab({ cfg: ['dhcp-client nonesuch'] });
    await lab.start();
    const { outcome, message } = await lab.up();
    assert.equal(outcome, 'FAIL');
    assert.match(message!, /nonesuch is no DHCP client that netconf knows: dhclient, dhcpcd, udhcpc/);
  },
};
