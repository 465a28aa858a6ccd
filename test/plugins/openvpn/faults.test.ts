import assert from 'node:assert/strict';
import { chmodSync, chownSync, copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { needs } from '../../setup.ts';
import { until } from '../../until.ts';
import { clientLines, VpnLab } from './lab.ts';

const source = fileURLToPath(new URL('stand-in.py', import.meta.url));

/** Nothing is left of it on the host, neither device nor process nor file. */
function gone(lab: VpnLab, dev = 'tun0'): void {
  const left = [lab.addresses(dev), lab.ways(), lab.processes(), lab.processes('python'), lab.kept()];
  assert.deepEqual(left, [undefined, [], [], [], []], lab.output());
}

async function fails(lab: VpnLab, message: RegExp, outcome = 'FAIL'): Promise<void> {
  const result = await lab.up();
  assert.equal(result.outcome, outcome, JSON.stringify(result));
  assert.match(result.message!, message);
  gone(lab);
  // It lives, and has no plugin that failed.
  assert.equal(
    lab.events.some(({ name }) => name === 'plugin.failed'),
    false,
  );
}

/** A lab whose openvpn is the stand-in. */
function standIn(): { lab: VpnLab; mode: (word: string) => void } {
  // In the mount namespace of the daemon alone.
  const lab = new VpnLab('', 'mount --bind "$NETCONF_LAB/stand-in" /usr/sbin/openvpn');
  const program = join(lab.folder, 'stand-in');
  copyFileSync(source, program);
  chmodSync(program, 0o755);
  return { lab, mode: word => writeFileSync(join(lab.folder, 'mode'), word) };
}

describe('OpenVPN that does not do as it should', function () {
  this.timeout(90_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'openvpn', 'openssl', 'python3'] });
  });

  it('is not installed: the package is named', async () => {
    await using lab = new VpnLab('', 'mount --bind /dev/null /usr/sbin/openvpn');
    lab.vpn();
    await lab.start();
    await fails(lab, /no program openvpn: install the package openvpn/);
  });

  it('has no module tun in the kernel: the module is named', async () => {
    await using lab = new VpnLab('', 'mount -t tmpfs tmpfs /dev/net');
    lab.vpn();
    await lab.start();
    await fails(lab, /this kernel has no module tun/);
  });

  it('has a configuration with a mistake: its file and line are told, whoever finds it', async () => {
    await using lab = new VpnLab();
    const lines = clientLines();
    const file = lab.vpn([], [...lines, 'no-such-option 1']);
    await lab.start();
    await fails(lab, new RegExp(`${file}:${lines.length + 1}: no-such-option`));
    lab.vpn([], [...lines, 'dev ../etc']);
    await fails(lab, new RegExp(`${file}:${lines.length + 1}: dev "../etc"`));
    lab.vpn([], [...lines, 'dev-type tin']);
    await fails(lab, new RegExp(`${file}:${lines.length + 1}: dev-type "tin"`));
    lab.vpn([], ['server 10.0.0.0 255.255.255.0']);
    await fails(lab, new RegExp(`${file}:1: server: a server`));
    lab.vpn([], lines);
    chownSync(file, 65_534, 65_534);
    await fails(lab, /belongs to|owned by|root/);
    rmSync(file);
    await fails(lab, /work.conf: it does not exist/);
  });

  it('has parameters in its policy that are none: each is named', async () => {
    await using lab = new VpnLab();
    await lab.start();
    for (const [lines, message] of [
      [[], /config FILE, or management SOCKET/],
      [['config work.conf'], /config work.conf: no absolute path/],
      [['config /x', 'management /y'], /config FILE, or management SOCKET/],
      [['management y'], /management y: no absolute path/],
      [['config /x', 'timeout soon'], /timeout soon: a number of seconds/],
      [['config /x', 'colour red'], /colour: known are config, management/],
      [['management /x', 'unless office'], /unless office: two events were expected/],
    ] as const) {
      lab.policy(`[IFUP]\nstartat OpenVPN\n[cfg OpenVPN]\n${lines.join('\n')}\n`);
      await fails(lab, message);
    }
  });

  it('dies at each step, or says nothing: the operation fails, and nothing is left', async () => {
    const { lab, mode } = standIn();
    await using _ = lab;
    lab.vpn(['timeout 4']);
    await lab.start();
    for (const [word, message] of [
      ['ends', /openvpn ended: Options error: none of this/],
      ['greeted', /openvpn ended/],
      ['released', /openvpn ended/],
      ['waiting', /openvpn ended/],
      ['silent', /has not told what it has agreed on/],
    ] as const) {
      mode(word);
      await fails(lab, message);
    }
    mode('deaf');
    await fails(lab, /does not stand after 4 s/, 'TIMEOUT');
    mode('mute');
    await fails(lab, /does not stand after 4 s|nobody answers/, 'TIMEOUT');
    assert.doesNotMatch(JSON.stringify(lab.events) + lab.output(), /secret-token/);
  });

  it('sends garbage without end, or a line of ten megabytes: it is not listened to any more', async () => {
    const { lab, mode } = standIn();
    await using _ = lab;
    lab.vpn(['timeout 20']);
    await lab.start();
    mode('garbage');
    await fails(lab, /does not speak the management protocol/);
    mode('long');
    await fails(lab, /does not speak the management protocol|openvpn ended|socket/);
  });

  it('has a management socket of another user: it is not spoken to', async () => {
    const { lab, mode } = standIn();
    await using _ = lab;
    lab.vpn(['timeout 10']);
    await lab.start();
    mode('theirs');
    await fails(lab, /belongs to user 65534/);
  });

  it('passes on what a hostile peer has pushed: what is no address, route or name is refused and told', async () => {
    const { lab, mode } = standIn();
    await using _ = lab;
    lab.vpn(['timeout 10']);
    await lab.start();
    mode('hostile');
    const result = await lab.up();
    assert.equal(result.outcome, 'BIND', JSON.stringify(result) + lab.output());
    assert.deepEqual(lab.addresses(), ['10.7.0.2/24']);
    assert.deepEqual(lab.ways(), ['10.98.0.0/16 dev tun0']);
    const { data } = await lab.event('vpn.up');
    const names = { dns: ['10.7.0.54'], search: ['good.example'] };
    assert.deepEqual(data, { name: 'work', dev: 'tun0', server: '', addresses: ['10.7.0.2/24'], ...names });
    for (const word of ['route "10.99.0.0"', 'route "-force"', 'name server "10.7.0.53;x"', 'domain "a..b/'])
      assert.ok(lab.output().includes(word), `${word} in ${lab.output()}`);
    assert.equal(existsSync('/tmp/pwned'), false);
    await lab.down();
    gone(lab);
  });

  it('closes its management socket and goes on: it is ended, and another one takes its place', async () => {
    const { lab, mode } = standIn();
    await using _ = lab;
    lab.vpn(['timeout 10']);
    await lab.start();
    mode('closes');
    assert.equal((await lab.up()).outcome, 'BIND');
    assert.deepEqual(lab.addresses(), ['10.7.0.9/24']);
    const [pid] = lab.processes('python');
    mode('hostile');
    await lab.event('vpn.reconnecting', 0, 30_000);
    await until('the address of the other one', () => lab.addresses()!.join() === '10.7.0.2/24');
    assert.equal(lab.processes('python').includes(pid!), false);
    await lab.down();
    gone(lab);
  });

  it('cannot be spoken to after a restart of netconfd: another one takes its place', async () => {
    await using lab = new VpnLab();
    lab.vpn();
    await lab.server();
    await lab.start();
    assert.equal((await lab.up()).outcome, 'BIND');
    for (const harm of ['lost', 'stopped']) {
      await lab.kill('SIGKILL');
      const [pid] = lab.processes();
      if (harm === 'lost') rmSync(join(lab.run, 'openvpn', 'tun0.sock'));
      else process.kill(pid!, 'SIGSTOP');
      const after = lab.events.length;
      await lab.start();
      await lab.event('vpn.up', after, 30_000);
      await until('another process', () => lab.processes().length === 1 && lab.processes()[0] !== pid);
      await lab.reaches('10.7.0.1');
    }
    await lab.down();
    gone(lab);
  });

  it('loses its device, or that is renamed: it ends, and nothing is left', async () => {
    await using lab = new VpnLab();
    lab.vpn();
    await lab.server();
    await lab.start();
    for (const harm of [
      ['link', 'set', 'tun0', 'name', 'other0'],
      ['link', 'del', 'tun0'],
    ]) {
      assert.equal((await lab.up()).outcome, 'BIND');
      const after = lab.events.length;
      lab.inside('ip', ...harm);
      await lab.event('vpn.down', after);
      await until('the end', () => lab.processes().length === 0 && lab.kept().length === 0);
      await lab.event('interface.deconfigured', after);
      gone(lab);
      assert.equal(lab.addresses('other0'), undefined);
    }
  });

  it('leaves a device alone that somebody else has made, and one that is no tun', async () => {
    await using lab = new VpnLab();
    lab.vpn();
    await lab.server();
    await lab.start();
    lab.inside('ip', 'tuntap', 'add', 'dev', 'tun0', 'mode', 'tun');
    assert.equal((await lab.up()).outcome, 'BIND');
    await lab.down();
    assert.deepEqual([lab.addresses(), lab.ways(), lab.processes()], [[], [], []]);
    lab.inside('ip', 'link', 'del', 'tun0');
    lab.inside('ip', 'link', 'add', 'tun0', 'type', 'veth', 'peer', 'other');
    const { outcome, message } = await lab.up();
    assert.equal(outcome, 'FAIL');
    assert.match(message!, /there is a link of this name already, which is no tun device/);
    assert.deepEqual(lab.addresses(), []);
  });

  it('is given up with its client: nothing is left', async () => {
    await using lab = new VpnLab();
    lab.vpn();
    await lab.start();
    const pending = lab.up().catch(() => undefined);
    await until('the process', () => lab.processes().length === 1);
    lab.client.close();
    await pending;
    await until('the end', () => lab.processes().length === 0 && lab.kept().length === 0);
    await lab.event('interface.failed');
    gone(lab);
  });
});
