import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../daemon.ts';
import { needs } from '../../setup.ts';
import { Lab } from '../dhcp/lab.ts';

const lease = ['--dhcp-range=10.3.0.100,10.3.0.200,2m', '--dhcp-option=option:router,10.3.0.1'];

/** A lab whose client has a network file; the policy of `e0` is to read it. */
async function labWith(text: string): Promise<Lab> {
  const lab = new Lab();
  writeFileSync(join(lab.folder, 'network.conf'), text);
  writeFileSync(
    join(lab.folder, 'netconf.yaml'),
    `plugins: {network-file: {file: ${join(lab.folder, 'network.conf')}}}\n`,
  );
  lab.policy('[IFUP]\nstartat NetworkFile\n[cfg DHCP]\ntimeout 15\n');
  await lab.dnsmasq(...lease);
  await lab.start();
  return lab;
}

const events = async (lab: Lab) =>
  until('the interface', () =>
    lab.events.find(({ name, interface: on }) => name === 'interface.configured' && on === 'e0'),
  );

describe('a label of the network file that has its address from a server', () => {
  before(function () {
    needs(this, { root: true, programs: ['ip', 'dnsmasq', 'dhclient'] });
  });

  it('stands beside the address of its link, with the lease and routes that wait for it', async () => {
    await using lab = await labWith(`
      network "a" { interface "e0" { addressv4 192.0.2.2/24 } interface "e0:0" { addressv4 dhcp } }
      network "far" { network 10.77.0.0/16 }
      route "far" { gateway 10.3.0.7; interface "e0:0" }`);
    await events(lab);
    const shown = lab.inside('ip', '-o', '-4', 'address', 'show', 'dev', 'e0');
    assert.match(shown, /inet 192\.0\.2\.2\/24 .* e0\b/);
    assert.match(shown, /inet 10\.3\.0\.[12]\d\d\/24 .* e0:0\b/);
    const routes = lab.inside('ip', 'route');
    assert.match(routes, /default via 10\.3\.0\.1 dev e0/);
    assert.match(routes, /10\.77\.0\.0\/16 via 10\.3\.0\.7 dev e0/);
  });

  it('leaves the default route of the lease where the file says so', async () => {
    await using lab = await labWith(
      'network "a" { interface "e0" { addressv4 dhcp; setdefaultroute false } }',
    );
    await events(lab);
    assert.ok(!lab.inside('ip', 'route').includes('default'));
  });
});
