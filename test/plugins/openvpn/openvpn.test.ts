import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs } from '../../setup.ts';
import { until } from '../../until.ts';
import { clientLines, VpnLab } from './lab.ts';

const address = '10.7.0.2/24';
const route = '10.99.0.0/16 via 10.7.0.1 dev tun0';

/** A lab with a tunnel that stands. */
async function connected(...options: string[]): Promise<{ lab: VpnLab; end: () => Promise<void> }> {
  const lab = new VpnLab();
  lab.vpn();
  const end = await lab.server(...options);
  await lab.start();
  const result = await lab.up();
  assert.equal(result.outcome, 'BIND', JSON.stringify(result) + lab.logs() + lab.output());
  await lab.event('vpn.up');
  return { lab, end };
}

/** Nothing is left of it on the host. */
function gone(lab: VpnLab): void {
  assert.deepEqual(
    [lab.addresses(), lab.ways(), lab.processes(), lab.kept()],
    [undefined, [], [], []],
    lab.output(),
  );
}

describe('the step OpenVPN', function () {
  this.timeout(60_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'ss', 'openvpn', 'openssl', 'ping', 'socat'] });
  });

  it('brings up a tunnel with what the peer pushes, carries traffic, and leaves nothing', async () => {
    const { lab } = await connected();
    await using _ = lab;
    assert.deepEqual(lab.addresses(), [address]);
    assert.deepEqual(lab.ways(), [route]);
    const { data, interface: on } = await lab.event('vpn.up');
    const server = { server: '10.5.0.1', port: 1195, protocol: 'udp' };
    const names = { dns: ['10.7.0.53'], search: [], domain: 'vpn.example' };
    assert.deepEqual(
      { on, data },
      { on: 'tun0', data: { name: 'work', dev: 'tun0', ...server, addresses: [address], ...names } },
    );
    await lab.reaches('10.7.0.1');
    assert.ok(await lab.transfers('10.7.0.1'));
    const again = await lab.up('tun0', { force: true });
    assert.equal(again.state, 'configured', JSON.stringify(again));
    assert.equal(lab.processes().length, 1);
    const down = await lab.down();
    assert.equal(down.state, 'deconfigured', JSON.stringify(down));
    gone(lab);
    assert.deepEqual((await lab.event('vpn.down')).data, { ...data, reason: 'ifdown' });
    assert.deepEqual(lab.names(), ['vpn.connecting', 'vpn.up', 'vpn.down']);
  });

  it('has IPv6 within, and the routes of both families', async () => {
    const { lab } = await connected('--server-ipv6', 'fd00:7::/64', '--push', 'route-ipv6 fd00:99::/48');
    await using _ = lab;
    assert.deepEqual(lab.addresses(), [address, 'fd00:7::1000/64']);
    assert.deepEqual(lab.ways(), [route, 'fd00:99::/48 via fd00:7::1 dev tun0']);
    await lab.reaches('fd00:7::1');
    await lab.down();
    gone(lab);
  });

  it('leads everything through the tunnel where the peer says so, but for its own packets', async () => {
    const { lab } = await connected(
      '--push',
      'redirect-gateway def1',
      '--push',
      'route 10.4.0.0 255.254.0.0',
    );
    await using _ = lab;
    assert.deepEqual(
      lab.ways(),
      [
        'default dev tun0 table 28259',
        // It holds the peer itself.
        '10.4.0.0/15 via 10.7.0.1 dev tun0 table 28259',
        route,
        '28257: from all to 10.5.0.1 lookup 254',
        '28258: from all lookup 254 suppress_prefixlength 0',
        '28259: from all lookup 28259',
      ].toSorted((a, b) => lab.ways().indexOf(a) - lab.ways().indexOf(b)),
    );
    assert.match(lab.inside('ip', 'route', 'get', '198.51.100.1'), /dev tun0/);
    assert.match(lab.inside('ip', 'route', 'get', '10.5.0.1'), /dev w0/);
    await lab.reaches('198.51.100.1');
    assert.ok(await lab.transfers('10.7.0.1'));
    await lab.down();
    gone(lab);
    assert.match(lab.inside('ip', 'route', 'get', '198.51.100.1'), /dev w0/);
  });

  it('tells that the peer is lost when the link is cut, keeps addresses and routes, and stands again', async () => {
    const { lab } = await connected();
    await using _ = lab;
    lab.outside('ip', 'link', 'set', 's0', 'down');
    const after = lab.events.length;
    const { data } = await lab.event('vpn.reconnecting', after, 20_000);
    assert.deepEqual(data, { name: 'work', dev: 'tun0', reason: 'ping-restart' });
    assert.deepEqual(
      [lab.addresses(), lab.ways()],
      [[address], [route]].map((one, at) => (at === 1 ? [`${route}`] : one)),
    );
    lab.outside('ip', 'link', 'set', 's0', 'up');
    await lab.event('vpn.up', after, 30_000);
    await lab.reaches('10.7.0.1');
    await lab.down();
    gone(lab);
  });

  it('follows a server that is restarted, and takes what that pushes now', async () => {
    const { lab, end } = await connected();
    await using _ = lab;
    await end();
    const after = lab.events.length;
    await lab.server('--push', 'route 10.98.0.0 255.255.0.0', '--push', 'dhcp-option DNS 10.7.0.54');
    await lab.event('vpn.up', after, 30_000);
    await until('the new route', () => lab.ways().join().includes('10.98.0.0/16'));
    assert.deepEqual(lab.addresses(), [address]);
    await lab.reaches('10.7.0.1');
    await lab.down();
    gone(lab);
  });

  it('comes to AUTH when the server is not the one that it should be', async () => {
    await using lab = new VpnLab();
    lab.vpn([], clientLines({ knows: 'stranger' }));
    await lab.server();
    await lab.start();
    const { outcome, message } = await lab.up();
    assert.equal(outcome, 'AUTH', `${message}${lab.logs()}`);
    assert.match(message!, /VERIFY|verif/);
    assert.deepEqual(lab.names(), ['vpn.connecting', 'vpn.auth-failed']);
    gone(lab);
  });

  it('comes to TIMEOUT when the server does not take its certificate, and when there is no server', async () => {
    await using lab = new VpnLab();
    lab.vpn(['timeout 3'], clientLines({ who: 'stranger' }));
    const end = await lab.server();
    await lab.start();
    const refused = await lab.up();
    assert.equal(refused.outcome, 'TIMEOUT', JSON.stringify(refused));
    gone(lab);
    await end();
    lab.vpn(['timeout 2']);
    const alone = await lab.up();
    assert.equal(alone.outcome, 'TIMEOUT', JSON.stringify(alone));
    assert.match(alone.message!, /does not stand after 2 s/);
    gone(lab);
  });

  it('comes to AUTH when a password is wanted that nobody has, or that is wrong', async () => {
    await using lab = new VpnLab();
    lab.vpn([], [...clientLines(), 'auth-user-pass']);
    const check = lab.config('check', ['#!/bin/sh', '[ "$(tail -n1 "$1")" = right ]']);
    lab.outside('chmod', '755', check);
    await lab.server(
      '--script-security',
      '2',
      '--auth-user-pass-verify',
      check,
      'via-file',
      '--tmp-dir',
      lab.folder,
    );
    await lab.start();
    const asked = await lab.up();
    assert.equal(asked.outcome, 'AUTH', JSON.stringify(asked));
    assert.match(asked.message!, /asks for a secret \(Auth\): auth-user-pass FILE/);
    gone(lab);
    const secret = lab.config('secret', ['me', 'wrong']);
    lab.vpn([], [...clientLines(), `auth-user-pass ${secret}`]);
    const wrong = await lab.up();
    assert.equal(wrong.outcome, 'AUTH', JSON.stringify(wrong) + lab.logs());
    gone(lab);
    lab.config('secret', ['me', 'right']);
    assert.equal((await lab.up()).outcome, 'BIND');
    // No secret is told to anybody.
    assert.doesNotMatch(JSON.stringify(lab.events) + lab.output(), /wrong|"right/);
    // The password changes while it stands.
    lab.config('check', ['#!/bin/sh', 'exit 1']);
    const after = lab.events.length;
    process.kill(lab.processes()[0]!, 'SIGUSR1');
    await lab.event('vpn.auth-failed', after, 20_000);
    await lab.event('interface.failed', after);
    gone(lab);
  });

  it('is taken over by another netconfd when the first is killed, with the tunnel in use', async () => {
    const { lab } = await connected('--push', 'redirect-gateway');
    await using _ = lab;
    const [before, pids] = [lab.ways(), lab.processes()];
    await lab.kill('SIGKILL');
    await lab.reaches('10.7.0.1');
    const after = lab.events.length;
    await lab.start();
    await lab.event('vpn.up', after);
    assert.deepEqual([lab.processes(), lab.addresses(), lab.ways()], [pids, [address], before]);
    await lab.reaches('198.51.100.1');
    await lab.down();
    gone(lab);
  });

  it('has what was pushed while no netconfd ran, once one does', async () => {
    const { lab, end } = await connected();
    await using _ = lab;
    await lab.kill('SIGKILL');
    await end();
    await lab.server('--push', 'redirect-gateway');
    await until('the peer', () => lab.logs().split('Initialization Sequence Completed').length > 2, 30_000);
    await lab.start();
    await until('the way for all', () => lab.ways().join().includes('default dev tun0 table 28259'));
    await lab.reaches('198.51.100.1');
    await lab.down();
    gone(lab);
  });

  it('starts another OpenVPN when its own was killed, with addresses and routes in place all the time', async () => {
    const { lab } = await connected();
    await using _ = lab;
    const [pid] = lab.processes();
    const after = lab.events.length;
    process.kill(pid!, 'SIGKILL');
    await lab.event('vpn.reconnecting', after);
    assert.deepEqual([lab.addresses(), lab.ways().length], [[address], 1]);
    await lab.event('vpn.up', after, 20_000);
    assert.equal(lab.processes().includes(pid!), false);
    await lab.reaches('10.7.0.1');
    assert.equal(
      lab.events.slice(after).some(({ name }) => name === 'address.removed' || name === 'link.removed'),
      false,
    );
    await lab.down();
    gone(lab);
  });

  it('goes on when netconfd was killed before it stood, and finds that it does by then', async () => {
    await using lab = new VpnLab();
    lab.vpn();
    await lab.start();
    const pending = lab.up().catch(() => undefined);
    await until('the process', () => lab.logs().includes('link remote'));
    await lab.kill('SIGKILL');
    await pending;
    const pids = lab.processes();
    await lab.server();
    await until('the tunnel', () => lab.logs().includes('Initialization Sequence Completed'), 30_000);
    assert.deepEqual(lab.addresses(), []);
    await lab.start();
    await lab.event('interface.configured');
    await lab.reaches('10.7.0.1');
    assert.deepEqual(lab.processes(), pids);
    await lab.down();
    gone(lab);
  });

  it('finds its OpenVPN again where the file has that go into the background', async () => {
    await using lab = new VpnLab();
    lab.vpn([], [...clientLines(), 'daemon', 'user nobody', 'persist-key']);
    await lab.server();
    await lab.start();
    assert.equal((await lab.up()).outcome, 'BIND', lab.logs());
    const pids = lab.processes();
    await lab.kill('SIGKILL');
    const after = lab.events.length;
    await lab.start();
    await lab.event('vpn.up', after);
    assert.deepEqual(lab.processes(), pids);
    await lab.reaches('10.7.0.1');
    await lab.down();
    gone(lab);
  });

  it('has a tap device where the file says so, and the way for all through the peer', async () => {
    await using lab = new VpnLab();
    lab.vpn([], [...clientLines(), 'dev tap']);
    await lab.server('--dev-type', 'tap', '--push', 'redirect-gateway def1');
    await lab.start();
    const result = await lab.up();
    assert.equal(result.outcome, 'BIND', JSON.stringify(result) + lab.logs());
    assert.ok(lab.ways().includes('default via 10.7.0.1 dev tun0 table 28259'), lab.ways().join('\n'));
    await lab.reaches('198.51.100.1');
    await lab.down();
    gone(lab);
  });

  it('stands where no netconfd runs, and is taken down there', async () => {
    await using lab = new VpnLab();
    lab.vpn();
    await lab.server();
    assert.deepEqual(lab.alone('ifup'), ['configured', 'BIND', `${address} of 10.5.0.1`]);
    await lab.reaches('10.7.0.1');
    assert.deepEqual(lab.alone('ifdown'), ['deconfigured', null, null]);
    gone(lab);
    assert.deepEqual(lab.alone('ifup'), ['configured', 'BIND', `${address} of 10.5.0.1`]);
    await lab.start();
    await lab.event('vpn.up');
    await lab.down();
    gone(lab);
  });

  it('has name servers and domains that the peer pushes in resolv.conf, for as long as it stands', async () => {
    await using lab = new VpnLab();
    const file = join(lab.folder, 'resolv.conf');
    writeFileSync(file, 'nameserver 192.0.2.53\n');
    lab.configure(`plugins: {resolv-conf: {file: ${file}}}\n`);
    lab.vpn();
    await lab.server();
    await lab.start();
    await lab.up();
    await until('the name server', () => readFileSync(file, 'utf8').includes('nameserver 10.7.0.53'));
    assert.match(readFileSync(file, 'utf8'), /^search .*vpn\.example/m);
    await lab.down();
    await until('the own one', () => readFileSync(file, 'utf8') === 'nameserver 192.0.2.53\n');
  });

  it('only listens to an OpenVPN that others have started', async () => {
    await using lab = new VpnLab();
    await lab.server();
    await lab.start();
    const socket = join(lab.folder, 'theirs');
    const config = lab.config('theirs', [...clientLines(), `management ${socket} unix`]);
    lab.spawn(lab.clientNs, 'openvpn', '--config', config, '--dev', 'tun7');
    lab.policy(`[IFUP]\nstartat OpenVPN\n[cfg OpenVPN]\nmanagement ${socket}\n`, 'tun7');
    await until('the socket', () => lab.inside('sh', '-c', `ls ${lab.folder}`).includes('theirs'));
    const result = await lab.up('tun7');
    assert.equal(result.outcome, 'BIND', JSON.stringify(result) + lab.output());
    assert.deepEqual(lab.addresses('tun7'), [address]);
    assert.deepEqual(lab.ways(), []);
    await lab.down('tun7');
    assert.equal(lab.processes().length, 1);
    assert.deepEqual(lab.addresses('tun7'), [address]);
  });
});
