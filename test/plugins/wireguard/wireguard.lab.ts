import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs } from '../../setup.ts';
import { VpnLab } from '../openvpn/lab.ts';

interface Keys {
  private: string;
  public: string;
}

function keys(): Keys {
  const secret = execFileSync('wg', ['genkey'], { encoding: 'utf8' }).trim();
  return {
    private: secret,
    public: execFileSync('wg', ['pubkey'], { input: secret, encoding: 'utf8' }).trim(),
  };
}

/** A lab with a peer of WireGuard on the server's side: 10.31.0.2 and fd00:31::2 within. */
class WireGuardLab extends VpnLab {
  readonly own = keys();
  readonly peer = keys();

  serve(): void {
    const key = join(this.folder, 'peer.key');
    writeFileSync(key, this.peer.private, { mode: 0o600 });
    for (const line of [
      'ip link add wgs type wireguard',
      `wg set wgs listen-port 51820 private-key ${key}`,
      `wg set wgs peer ${this.own.public} allowed-ips 10.31.0.1/32,fd00:31::1/128`,
      'ip addr add 10.31.0.2/24 dev wgs',
      'ip addr add fd00:31::2/64 dev wgs nodad',
      'ip link set wgs up',
    ])
      this.outside(...line.split(' '));
  }

  /** Its configuration; `more` are lines at the end. */
  file(more: readonly string[] = [], allowed = '10.31.0.0/24, fd00:31::/64, 10.99.0.0/16'): string {
    const own = ['[Interface]', `PrivateKey = ${this.own.private}`, 'Address = 10.31.0.1/24, fd00:31::1/64'];
    const peer = [
      '[Peer]',
      `PublicKey = ${this.peer.public}`,
      'Endpoint = 10.5.0.1:51820',
      'PersistentKeepalive = 1',
    ];
    const lines = [...own, 'DNS = 10.31.0.53, wg.example', ...peer, `AllowedIPs = ${allowed}`, ...more];
    return this.config('wg0', lines);
  }

  step(file: string, ...lines: string[]): void {
    this.policy(`[IFUP]\nstartat WireGuard\n[cfg WireGuard]\nconfig ${file}\n${lines.join('\n')}\n`, 'wg0');
  }

  handshake(): string {
    const lines = this.inside('wg', 'show', 'wg0', 'latest-handshakes').split('\n');
    return lines.find(line => line.startsWith(this.peer.public))!.split('\t')[1]!;
  }

  /** Nothing is left, and nobody was told a key. */
  async gone(): Promise<void> {
    assert.deepEqual([this.addresses('wg0'), this.ways()], [undefined, []]);
    const told = JSON.stringify([this.events, await this.client.call('History', {})]) + this.output();
    assert.equal(told.includes(this.own.private), false);
  }
}

describe('the step WireGuard', function () {
  this.timeout(120_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'wg', 'ping', 'socat', 'ss', 'nft'], modules: ['wireguard'] });
  });

  it('brings up a tunnel as its file says, carries traffic, keeps sessions when the file changes, and leaves nothing', async () => {
    await using lab = new WireGuardLab();
    lab.serve();
    lab.step(lab.file());
    await lab.start();
    const result = await lab.up('wg0');
    assert.equal(result.outcome, 'BIND', JSON.stringify(result) + lab.output());
    assert.deepEqual(lab.addresses('wg0'), ['10.31.0.1/24', 'fd00:31::1/64']);
    assert.deepEqual(lab.ways(), ['10.99.0.0/16 dev wg0']);
    const { data } = await lab.event('vpn.up');
    assert.deepEqual(data, {
      name: 'wg0',
      dev: 'wg0',
      server: '10.5.0.1',
      port: 51820,
      protocol: 'udp',
      addresses: ['10.31.0.1/24', 'fd00:31::1/64'],
      dns: ['10.31.0.53'],
      search: ['wg.example'],
    });
    await lab.reaches('10.31.0.2');
    await lab.reaches('fd00:31::2');
    assert.ok(await lab.transfers('10.31.0.2'));
    const shaken = lab.handshake();
    lab.file(['[Peer]', `PublicKey = ${keys().public}`, 'AllowedIPs = 10.31.0.3/32']);
    assert.equal((await lab.up('wg0', { force: true })).outcome, 'BIND');
    assert.equal(lab.inside('wg', 'show', 'wg0', 'peers').trim().split('\n').length, 2);
    assert.equal(lab.handshake(), shaken);

    await lab.kill('SIGKILL');
    await lab.reaches('10.31.0.2');
    const after = lab.events.length;
    await lab.start();
    assert.deepEqual((await lab.event('vpn.up', after)).data, data);
    const down = await lab.down('wg0');
    assert.equal(down.state, 'deconfigured', JSON.stringify(down));
    assert.deepEqual((await lab.event('vpn.down')).data, { ...data, reason: 'ifdown' });
    await lab.gone();
  });

  it('leads everything through the tunnel where all addresses are allowed, but for its own packets', async () => {
    await using lab = new WireGuardLab();
    lab.serve();
    lab.step(lab.file([], '0.0.0.0/0, ::/0'));
    await lab.start();
    const result = await lab.up('wg0');
    assert.equal(result.outcome, 'BIND', JSON.stringify(result) + lab.output());
    assert.match(lab.inside('ip', 'route', 'get', '198.51.100.1'), /dev wg0/);
    assert.match(lab.inside('ip', 'route', 'get', '10.5.0.1'), /dev w0/);
    await lab.reaches('198.51.100.1');
    await lab.down('wg0');
    await lab.gone();
    assert.match(lab.inside('ip', 'route', 'get', '198.51.100.1'), /dev w0/);
  });

  it('comes to TIMEOUT when no peer answers, and to FAIL with file and line for a mistake, without telling a key', async () => {
    await using lab = new WireGuardLab();
    lab.step(lab.file(), 'timeout 2');
    await lab.start();
    const { outcome, message } = await lab.up('wg0');
    assert.deepEqual([outcome, message], ['TIMEOUT', 'no peer has answered in 2 s']);
    await lab.gone();
    for (const [lines, expected] of [
      [['Colour = red'], /wg0.conf:10: nothing that wg\(8\)/],
      [['AllowedIPs = 10.0.0.0/33'], /wg0.conf:10: AllowedIPs: no address or prefix/],
      [[`PresharedKey = ${lab.own.private}x`], /wg does not take one of its keys/],
    ] as const) {
      lab.file(lines);
      const bad = await lab.up('wg0');
      assert.equal(bad.outcome, 'FAIL');
      assert.match(bad.message!, expected);
      assert.doesNotMatch(
        JSON.stringify(bad),
        new RegExp(lab.own.private.slice(0, 20).replaceAll(/[+/]/g, '\\$&')),
      );
      await lab.gone();
    }
  });

  it('makes the link of a stanza that says so, before its addresses', async () => {
    await using lab = new WireGuardLab();
    lab.serve();
    const interfaces = join(lab.folder, 'interfaces');
    const stanza = `iface wg0 inet static\n  address 10.31.0.1/24\n  wireguard-config-path ${lab.file()}\n`;
    writeFileSync(interfaces, stanza);
    lab.configure(`plugins: {interfaces: {file: ${interfaces}}}\n`);
    await lab.start();
    const { state, message } = await lab.up('wg0');
    assert.equal(state, 'configured', message);
    assert.deepEqual(lab.addresses('wg0'), ['10.31.0.1/24']);
    await lab.reaches('10.31.0.2');
    await lab.event('vpn.up');
    await lab.down('wg0');
    await lab.gone();
  });

  it('guards an insecure network', async () => {
    await using lab = new WireGuardLab('plugins: {guard: {vpn: wg0}}\n');
    lab.countCleartext();
    lab.step(lab.file([], '0.0.0.0/0'), 'timeout 30');
    await lab.start();
    await lab.client.call('Emit', { event: 'network-insecure', interface: 'w0' });
    await lab.event('vpn.guarded');
    assert.equal(lab.pings('10.5.0.1'), false);
    assert.equal(lab.pings('198.51.100.1'), false);
    assert.equal(lab.cleartext(), 0);
    lab.serve();
    await lab.event('vpn.up', 0, 40_000);
    await lab.reaches('198.51.100.1');
    assert.equal(lab.cleartext(), 0);
    await lab.down('wg0');
    await lab.event('vpn.unguarded');
    await lab.reaches('198.51.100.1');
    assert.ok(lab.cleartext() > 0);
  });
});
