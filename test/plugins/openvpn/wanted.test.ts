import assert from 'node:assert/strict';
import { needs } from '../../setup.ts';
import { until } from '../../until.ts';
import { clientLines, VpnLab } from './lab.ts';

function policy(lab: VpnLab, ...lines: string[]): void {
  lab.vpn(lines, clientLines());
}

const emit = (lab: VpnLab, event: string) => lab.client.call('Emit', { event });

describe('when a VPN is wanted', function () {
  this.timeout(60_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'ss', 'openvpn', 'openssl', 'ping'] });
  });

  it('brings up what it requires first, and takes that down after it', async () => {
    await using lab = new VpnLab();
    policy(lab, 'require w0');
    lab.policy('[IFUP]\nstartat Manual\n', 'w0');
    await lab.server();
    await lab.start();
    assert.equal((await lab.up()).outcome, 'BIND');
    const order = () =>
      lab.events
        .filter(({ name }) => /^interface\.(de)?configured$/.test(name))
        .map(({ interface: on }) => on);
    await until('both', () => order().length === 2);
    assert.deepEqual(order(), ['w0', 'tun0']);
    await lab.down();
    await until('both, back', () => order().length === 4);
    assert.deepEqual(order(), ['w0', 'tun0', 'tun0', 'w0']);
  });

  it('brings up interfaces in their order until there is a default route', async () => {
    await using lab = new VpnLab();
    policy(lab, 'default-route none0 w0 never0', 'timeout 20');
    const stanza = '[IFUP]\nstartat Static\n[cfg Static]\naddress 10.5.0.2/24\ngateway 10.5.0.1\n';
    lab.policy(stanza, 'w0');
    lab.inside('ip', 'addr', 'flush', 'dev', 'w0');
    await lab.server();
    await lab.start();
    const result = await lab.up();
    assert.equal(result.outcome, 'BIND', JSON.stringify(result) + lab.output());
    const asked = lab.events.filter(({ name }) => name === 'request.ifup').map(({ interface: on }) => on);
    assert.deepEqual(asked, ['tun0', 'none0', 'w0']);
    await lab.reaches('10.7.0.1');
  });

  it('waits for a default route, and fails without one', async () => {
    await using lab = new VpnLab();
    policy(lab, 'default-route any', 'timeout 2');
    lab.inside('ip', 'route', 'del', 'default');
    await lab.server();
    await lab.start();
    const { outcome, message } = await lab.up();
    assert.deepEqual([outcome, message], ['FAIL', 'OpenVPN: there is no default route']);
    policy(lab, 'default-route any', 'timeout 20');
    const pending = lab.up();
    await until(
      'the second request',
      () => lab.events.filter(({ name }) => name === 'request.ifup').length === 2,
    );
    lab.inside('ip', 'route', 'add', 'default', 'via', '10.5.0.1');
    assert.equal((await pending).outcome, 'BIND');
  });

  it('is not wanted between two events: it goes down with the first and comes up with the second, over a restart too', async () => {
    await using lab = new VpnLab();
    policy(lab, 'unless office-lan-connected office-lan-disconnected');
    await lab.server();
    await lab.start();
    assert.equal((await lab.up()).outcome, 'BIND');
    await emit(lab, 'office-lan-connected');
    await lab.event('vpn.down');
    await lab.event('interface.deconfigured');
    const { outcome, message } = await lab.up();
    assert.deepEqual(
      [outcome, message],
      ['FAIL', 'OpenVPN: not while office-lan-connected holds (until office-lan-disconnected)'],
    );
    await lab.kill('SIGKILL');
    await lab.start();
    assert.equal((await lab.up()).outcome, 'FAIL');
    const after = lab.events.length;
    await emit(lab, 'office-lan-disconnected');
    await lab.event('vpn.up', after);
    // Who takes it down keeps it down.
    await lab.down();
    await emit(lab, 'office-lan-connected');
    await emit(lab, 'office-lan-disconnected');
    await emit(lab, 'last');
    await lab.event('last');
    assert.equal(lab.events.slice(after).filter(({ name }) => name === 'vpn.connecting').length, 1);
  });
});
