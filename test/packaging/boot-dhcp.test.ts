import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programs } from '../daemon.ts';
import { Lab } from '../plugins/dhcp/lab.ts';
import { needs } from '../setup.ts';
import { until } from '../until.ts';

describe('a machine that starts with DHCP', function () {
  this.timeout(60_000);
  let lab: Lab;

  before(async function () {
    needs(this, { root: true, programs: ['ip', 'ss', 'dhclient', 'dnsmasq'] });
    lab = new Lab();
    writeFileSync(join(lab.folder, 'interfaces'), 'auto e0\niface e0 inet dhcp\n');
    const plugins = {
      dhcp: { clients: ['dhclient'] },
      interfaces: { file: join(lab.folder, 'interfaces'), scripts: lab.folder },
    };
    writeFileSync(join(lab.folder, 'netconf.yaml'), `plugins: ${JSON.stringify(plugins)}\n`);
    lab.policy('[IFUP]\nstartat ENI\n');
    await lab.dnsmasq('--dhcp-range=10.3.0.100,10.3.0.200,2m');
  });
  after(() => lab?.[Symbol.asyncDispose]());

  const waitOnline = () =>
    execFileSync(process.execPath, [programs.netconf, 'wait-online', '--timeout', '30'], {
      env: { PATH: process.env.PATH, NETCONF_SOCKET: join(lab.run, 'control') },
    });

  it('is online when it has its lease', async () => {
    await lab.start();
    waitOnline();
    assert.match(lab.addresses().join(), /^10\.3\.0\.1\d\d\/24$/);
    assert.equal(lab.processes('dhclient').length, 1);
  });

  it('keeps address and client when the daemon is killed and started again', async () => {
    const [addresses, clients] = [lab.addresses(), lab.processes('dhclient')];
    await lab.kill('SIGKILL');
    await lab.start();
    waitOnline();
    assert.deepEqual(lab.addresses(), addresses);
    assert.deepEqual(lab.processes('dhclient'), clients);
  });

  it('has no address and no client left when all is taken down', async () => {
    const { results } = await lab.client.call('Down', { all: 'auto', exclude: ['lo'] });
    assert.deepEqual(
      results?.map(one => `${one.interface} ${one.state}`),
      ['e0 deconfigured'],
    );
    await until('the end of the client', () => lab.processes('dhclient').length === 0);
    assert.deepEqual(lab.addresses(), []);
  });
});
