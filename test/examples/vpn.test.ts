import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clientLines, VpnLab } from '../plugins/openvpn/lab.ts';
import { needs } from '../setup.ts';
import { until } from '../until.ts';

const world = '198.51.100.1';

/** An example policy, with the configuration of this lab and a group that this machine has. */
function example(lab: VpnLab, name: string): void {
  const file = fileURLToPath(new URL(`../../examples/policies/${name}`, import.meta.url));
  const config = lab.config('work', clientLines());
  const text = readFileSync(file, 'utf8')
    .replace('/etc/openvpn/work.conf', config)
    .replaceAll('@netdev', '@65400');
  lab.policy(text, name);
}

/** The host's link is a wireless one by its name, and has nothing yet. */
function rename(lab: VpnLab): void {
  lab.inside('ip', 'link', 'set', 'w0', 'down');
  lab.inside('ip', 'addr', 'flush', 'dev', 'w0');
  lab.inside('ip', 'link', 'set', 'w0', 'name', 'wlan0');
}

describe('the example policies of VPNs', function () {
  this.timeout(60_000);
  before(function () {
    needs(this, {
      root: true,
      programs: ['ip', 'ss', 'openvpn', 'openssl', 'ping', 'socat', 'nft', 'dnsmasq'],
    });
  });

  it('vpn0: is asked for, finds a way out first, and is not wanted in the office', async () => {
    await using lab = new VpnLab();
    example(lab, 'vpn0');
    rename(lab);
    const address = 'address 10.5.0.2/24\ngateway 10.5.0.1\n';
    lab.policy(`[IFUP]\nstartat Static\n[cfg Static]\n${address}`, 'wlan0');
    await lab.server();
    await lab.start();
    const result = await lab.up('vpn0');
    assert.equal(result.outcome, 'BIND', JSON.stringify(result) + lab.output());
    await lab.reaches('10.7.0.1');
    const order = lab.events.filter(({ name }) => name === 'request.ifup').map(({ interface: on }) => on);
    assert.deepEqual(order, ['vpn0', 'eth0', 'wlan0']);
    await lab.client.call('Emit', { event: 'office-lan-connected' });
    await lab.event('vpn.down');
    await lab.event('interface.deconfigured');
    const after = lab.events.length;
    await lab.client.call('Emit', { event: 'office-lan-disconnected' });
    await lab.event('vpn.up', after);
    await lab.reaches('10.7.0.1');
  });

  it('wlan*: is guarded from its first packet on, until somebody knows that it is the network at home', async () => {
    await using lab = new VpnLab('plugins: {guard: {vpn: vpn0}}\n');
    lab.countCleartext();
    example(lab, 'vpn0');
    example(lab, 'wlan*');
    rename(lab);
    const dhcp = [
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--port=0',
      '--interface=s0',
      '--bind-interfaces',
    ];
    const files = [
      '--pid-file=',
      '--user=root',
      `--dhcp-leasefile=${join(lab.folder, 'leases')}`,
      '--no-ping',
    ];
    const range = ['--dhcp-authoritative', '--dhcp-range=10.5.0.100,10.5.0.200,2m'];
    lab.spawn(lab.serverNs, 'dnsmasq', ...dhcp, ...files, ...range);
    await lab.server('--push', 'redirect-gateway');
    await lab.start();
    lab.inside('ip', 'link', 'set', 'wlan0', 'up');
    await lab.event('vpn.guarded');
    await lab.event('dhcp.bound', 0, 30_000);
    const dhcps = lab.cleartext();
    lab.datagram(world, 9);
    await lab.event('vpn.up', 0, 30_000);
    await lab.reaches(world);
    lab.datagram('10.5.0.1', 9);
    assert.equal(lab.cleartext(), dhcps);
    await lab.client.call('Emit', { event: 'home-lan-connected', interface: 'wlan0' });
    await lab.event('vpn.unguarded');
    await until('the end of the VPN', () => lab.addresses('vpn0') === undefined);
    await lab.reaches(world);
    assert.ok(lab.cleartext() > dhcps);
  });
});
