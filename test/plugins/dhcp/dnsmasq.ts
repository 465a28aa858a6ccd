import assert from 'node:assert/strict';
import type { Scenarios } from '../../parallel.ts';
import { until } from '../../until.ts';
import { keptFiles, Lab } from './lab.ts';

const range = '--dhcp-range=10.3.0.100,10.3.0.200,2m';
const router = '--dhcp-option=option:router,10.3.0.1';

/** The whole of it once, with all that a server may say. */
export const dnsmasq: Scenarios = {
  'brings an interface up with what the server leases, and takes all of it back': async () => {
    await using lab = new Lab({ cfg: ['timeout 10', 'dhcp-client dhclient', 'metric 7', 'hostname box'] });
    await lab.start();
    await lab.dnsmasq(
      ...[range, router, '--dhcp-option=option:dns-server,10.3.0.53', '--domain=lab.test'],
      ...['--dhcp-option=option:classless-static-route,10.9.0.0/16,10.3.0.9,0.0.0.0/0,10.3.0.1'],
      ...['--dhcp-option=option:mtu,1400', '--dhcp-option=option:ntp-server,10.3.0.123'],
      ...[
        '--dhcp-option=252,http://wpad.lab.test/wpad.dat',
        '--dhcp-option=option:tzdb-timezone,Europe/Berlin',
      ],
    );
    const result = await lab.up();
    assert.equal(result.state, 'configured', JSON.stringify(result) + lab.output());
    assert.equal(result.outcome, 'BOUND');
    const [address] = lab.addresses();
    assert.match(address!, /^10\.3\.0\.1\d\d\/24$/);
    assert.deepEqual(lab.routes().sort(), ['10.9.0.0/16 10.3.0.9 7', 'default 10.3.0.1 7']);
    const { interfaces } = await lab.client.call('Status', { parts: ['interfaces'] });
    const lease = interfaces!.find(one => one.interface === 'e0')!.leases![0] as Record<string, unknown>;
    assert.deepEqual(
      [lease.dns, lease.domain, lease.ntp, lease.mtu, lease.wpad, lease.timezone, lease.server],
      [
        ['10.3.0.53'],
        'lab.test',
        ['10.3.0.123'],
        1400,
        'http://wpad.lab.test/wpad.dat',
        { name: 'Europe/Berlin' },
        '10.3.0.1',
      ],
    );
    assert.equal(lab.processes('dhclient').length, 1);
    assert.equal((await lab.up()).state, 'already');

    const down = await lab.down();
    assert.equal(down.state, 'deconfigured', JSON.stringify(down));
    assert.deepEqual([lab.addresses(), lab.routes(), lab.processes('dhclient')], [[], [], []]);
    await lab.event('dhcp.released');
    await until('no files', () => keptFiles(lab).join() === 'dhcp-clients/e0.inet.leases');
    await until('the release', () => /DHCPRELEASE/.test(lab.output()));
  },
};
