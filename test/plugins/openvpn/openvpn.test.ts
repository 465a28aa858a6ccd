import assert from 'node:assert/strict';
import { needs } from '../../setup.ts';
import { VpnLab } from './lab.ts';

describe('the step OpenVPN', function () {
  this.timeout(60_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'ss', 'openvpn', 'openssl', 'ping', 'socat'] });
  });

  it('brings up a tunnel with the addresses and routes that the peer pushes, carries traffic, and leaves nothing', async () => {
    await using lab = new VpnLab();
    lab.vpn();
    await lab.server();
    await lab.start();
    const result = await lab.up();
    assert.equal(result.outcome, 'BIND', JSON.stringify(result) + lab.logs() + lab.output());
    assert.deepEqual(lab.addresses(), ['10.7.0.2/24']);
    assert.deepEqual(lab.ways(), ['10.99.0.0/16 via 10.7.0.1 dev tun0']);
    const { data, interface: on } = await lab.event('vpn.up');
    assert.deepEqual(
      { on, data },
      {
        on: 'tun0',
        data: {
          name: 'work',
          dev: 'tun0',
          server: '10.5.0.1',
          port: 1195,
          protocol: 'udp',
          addresses: ['10.7.0.2/24'],
          dns: ['10.7.0.53'],
          search: [],
          domain: 'vpn.example',
        },
      },
    );
    assert.ok(lab.pings('10.7.0.1'));
    assert.ok(await lab.transfers('10.7.0.1'));
    const down = await lab.down();
    assert.equal(down.state, 'deconfigured', JSON.stringify(down));
    assert.deepEqual([lab.addresses(), lab.ways(), lab.processes(), lab.kept()], [undefined, [], [], []]);
    const gone = await lab.event('vpn.down');
    assert.deepEqual(gone.data, { ...data, reason: 'ifdown' });
  });
});
