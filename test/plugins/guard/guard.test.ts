import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { needs } from '../../setup.ts';
import { until } from '../../until.ts';
import { VpnLab } from '../openvpn/lab.ts';

const world = '198.51.100.1';

/** What a host does that believes in its network. */
function chatter(lab: VpnLab): void {
  lab.pings(world);
  lab.datagram(world, 9);
  lab.datagram('10.5.0.1', 53);
}

function emit(lab: VpnLab, name: string) {
  return lab.client.call('Emit', { event: name, interface: 'w0' });
}

function table(lab: VpnLab): string {
  return lab.inside('nft', 'list', 'tables');
}

describe('the guard', function () {
  this.timeout(60_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'ss', 'openvpn', 'openssl', 'ping', 'socat', 'nft'] });
  });

  it('lets nothing out in the clear while its VPN is down, starts anew, or netconfd is killed; the tunnel passes', async () => {
    await using lab = new VpnLab('plugins: {guard: {vpn: tun0}}\n');
    lab.countCleartext();
    lab.vpn(['timeout 30']);
    await lab.start();
    await lab.reaches(world);
    await until('the count', () => lab.cleartext() > 0);
    await emit(lab, 'network-insecure');
    const { data } = await lab.event('vpn.guarded');
    assert.deepEqual(data, { dev: 'tun0', links: ['w0'], open: false });
    const before = lab.cleartext();
    chatter(lab);
    assert.equal(lab.cleartext(), before);

    await lab.server('--push', 'redirect-gateway');
    await lab.event('vpn.up', 0, 30_000);
    await lab.reaches(world);
    assert.ok(await lab.transfers('10.7.0.1'));
    lab.datagram('10.5.0.1', 9);
    assert.equal(lab.cleartext(), before);

    const pids = lab.processes();
    process.kill(pids[0]!, 'SIGKILL');
    chatter(lab);
    await until('another OpenVPN', () => lab.processes().some(pid => !pids.includes(pid)));
    await lab.reaches(world);
    assert.equal(lab.cleartext(), before);

    await lab.kill('SIGKILL');
    for (const pid of lab.processes()) process.kill(pid, 'SIGKILL');
    chatter(lab);
    assert.equal(lab.cleartext(), before);
    await lab.start();
    await lab.reaches(world);
    assert.equal(lab.cleartext(), before);

    await emit(lab, 'network-secure');
    const { data: reason } = await lab.event('vpn.unguarded');
    assert.deepEqual(reason, { dev: 'tun0', reason: 'w0 is called secure' });
    await lab.event('interface.deconfigured');
    assert.equal(table(lab), '');
    await lab.reaches(world);
    assert.ok(lab.cleartext() > before);
    assert.deepEqual([lab.addresses(), lab.ways(), lab.processes()], [undefined, [], []]);
  });

  it('goes on guarding when an event names what is no name of a link', async () => {
    await using lab = new VpnLab('plugins: {guard: {vpn: tun0}}\n');
    lab.countCleartext();
    await lab.start();
    await lab.client.call('Emit', { event: 'network-insecure', interface: 'a;b' });
    await emit(lab, 'network-insecure');
    const { data } = await lab.event('vpn.guarded');
    assert.deepEqual(data, { dev: 'tun0', links: ['w0'], open: false });
    assert.match(lab.output(), /network-insecure: a;b is no name of a link that can be guarded/);
    const before = lab.cleartext();
    chatter(lab);
    assert.equal(lab.cleartext(), before);
  });

  it('ends when somebody takes the VPN down, and not when that goes down by itself', async () => {
    await using lab = new VpnLab('plugins: {guard: {vpn: tun0}}\n');
    lab.vpn(['timeout 1']);
    await lab.start();
    await emit(lab, 'network-insecure');
    await lab.event('interface.failed');
    assert.match(table(lab), /netconf-guard/);
    assert.equal(lab.pings(world), false);
    await lab.down();
    await lab.event('vpn.unguarded');
    assert.equal(table(lab), '');
    await lab.reaches(world);
  });

  it('is known where no netconfd runs: an ifdown there ends it', async () => {
    await using lab = new VpnLab('plugins: {guard: {vpn: tun0}}\n');
    lab.vpn();
    await lab.server('--push', 'redirect-gateway');
    await lab.start();
    await emit(lab, 'network-insecure');
    await lab.event('interface.configured');
    await lab.reaches(world);
    await lab.kill('SIGKILL');
    assert.equal(lab.alone('ifdown')[0], 'deconfigured');
    assert.equal(table(lab), '');
    await lab.reaches(world);
  });

  it('lets pass what is excepted, a DHCP client, and with open: all what has no way through the tunnel', async () => {
    await using lab = new VpnLab(
      'plugins: {guard: {vpn: tun0, open: all, allow: ["10.5.0.1 udp 123", dns, 198.51.100.1/32 tcp]}}\n',
    );
    lab.countCleartext();
    lab.vpn(['timeout 30']);
    await lab.start();
    await emit(lab, 'network-insecure');
    await lab.event('vpn.guarded');
    const counts = [
      ['10.5.0.1', 123, 1],
      ['10.5.0.1', 124, 0],
      ['10.5.0.1', 53, 1],
    ] as const;
    for (const [to, port, expected] of counts) {
      const before = lab.cleartext();
      lab.datagram(to, port);
      assert.equal(lab.cleartext() - before, expected, `${to}:${port}`);
    }
    const before = lab.cleartext();
    lab.datagram('10.5.0.1', 67, 'sourceport=68');
    assert.equal(lab.cleartext() - before, 1);
    assert.equal(lab.pings(world), false);

    await lab.server();
    await lab.event('vpn.up', 0, 30_000);
    await until('open', () =>
      lab.events.some(({ name, data }) => name === 'vpn.guarded' && 'open' in data && data.open),
    );
    await lab.reaches(world);
    const after = lab.events.length;
    lab.outside('ip', 'link', 'set', 's0', 'down');
    await lab.event('vpn.reconnecting', after, 20_000);
    await lab.event('vpn.guarded', after);
    lab.outside('ip', 'link', 'set', 's0', 'up');
    const closed = lab.cleartext();
    lab.datagram('10.5.0.1', 124);
    assert.equal(lab.cleartext(), closed);
  });

  it('blocks also where it cannot be kept over a restart, and says so', async () => {
    await using lab = new VpnLab('plugins: {guard: {vpn: tun0}, firewall: false}\n');
    lab.vpn(['timeout 1']);
    await lab.start();
    mkdirSync(join(lab.run, 'guard.json.new'));
    await emit(lab, 'network-insecure');
    await lab.event('vpn.guarded');
    assert.equal(table(lab), 'table inet netconf-guard\n');
    assert.match(lab.output(), /what is guarded cannot be kept over a restart: /);
  });

  it('says what is missing where there is no nft', async () => {
    await using lab = new VpnLab('plugins: {guard: {vpn: tun0}}\n', 'mount --bind /dev/null /usr/sbin/nft');
    lab.vpn(['timeout 1']);
    await lab.start();
    await emit(lab, 'network-insecure');
    await until('the error', () => /install the package nftables/.test(lab.output()));
  });

  it('rests where it is not configured, and refuses options that are none', async () => {
    await using lab = new VpnLab();
    await lab.start();
    await emit(lab, 'network-insecure');
    lab.configure('plugins: {guard: {vpn: tun0, allow: ["everything"]}}\n');
    await lab.kill('SIGTERM');
    await lab.start();
    assert.match(lab.output(), /dns, or ADDRESS\[\/LENGTH\]/);
    assert.equal(table(lab), '');
  });
});
