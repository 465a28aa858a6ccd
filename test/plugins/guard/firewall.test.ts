import assert from 'node:assert/strict';
import { needs } from '../../setup.ts';
import { until } from '../../until.ts';
import { VpnLab } from '../openvpn/lab.ts';

const world = '198.51.100.1';
const name = 'insecure, guarded by tun0';
const denies = `plugin guard: to "${name}" deny outgoing`;

interface Shown {
  state: string;
  networks: { name: string; links: string[] }[];
  rules: { place: string; text: string; stages: string[] }[];
}

async function show(lab: VpnLab): Promise<Shown> {
  const { answer } = await lab.client.call('Ask', { question: 'firewall show', parameters: {} });
  return answer as unknown as Shown;
}

async function trace(lab: VpnLab, to: string, port: string, protocol = 'tcp') {
  const parameters = { from: 'self', to, port, protocol };
  const { answer } = await lab.client.call('Ask', { question: 'firewall trace', parameters });
  return answer as unknown as { verdict: string; lines: string[] };
}

function emit(lab: VpnLab, event: string) {
  return lab.client.call('Emit', { event, interface: 'w0' });
}

const tables = (lab: VpnLab) => lab.inside('nft', 'list', 'tables').trim().split('\n');
const rules = (lab: VpnLab) => lab.inside('nft', '-s', 'list', 'table', 'inet', 'netconf');

/** Waits until the guard's rules are in force, or others of it, with this text in them. */
async function inForce(lab: VpnLab, text = 'plugin guard'): Promise<void> {
  await until('the rules', () => tables(lab).includes('table inet netconf') && rules(lab).includes(text));
}

const isBlocked = (shown: Shown) => shown.rules.some(({ place }) => place === 'plugin guard');

/** Does a datagram to this port of the server come there in the clear? */
function passes(lab: VpnLab, port: number): boolean {
  const before = lab.cleartext();
  lab.datagram('10.5.0.1', port);
  return lab.cleartext() > before;
}

describe('the block of the guard', function () {
  this.timeout(90_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'ss', 'openvpn', 'openssl', 'ping', 'socat', 'nft'] });
  });

  it('is a rule of the firewall before all others, which lets pass the tunnel, and nothing that another denies', async () => {
    const own = [
      '{action: {kind: deny, direction: outgoing}, to: [{addresses: [10.5.0.1], ports: [[53, 53]]}]}',
      '{action: {kind: accept, direction: outgoing}}',
    ];
    await using lab = new VpnLab(
      `plugins: {guard: {vpn: tun0, allow: [dns, 10.5.0.1 udp 123]}, firewall: {rules: [${own}]}}\n`,
    );
    lab.countCleartext();
    lab.vpn(['timeout 30']);
    await lab.start();
    assert.equal((await trace(lab, world, '443')).verdict, 'pass');
    assert.ok(passes(lab, 9));

    await emit(lab, 'network-insecure');
    await inForce(lab);
    const { networks, rules: shown } = await show(lab);
    assert.deepEqual(
      networks.map(({ name, links }) => [name, links]),
      [[name, ['w0']]],
    );
    const last = shown.findLast(({ place }) => place === 'plugin guard')!;
    assert.deepEqual([last.text, last.stages], [`to "${name}" deny outgoing`, ['outgoing', 'own']]);
    const { verdict, lines } = await trace(lab, world, '443');
    assert.equal(verdict, 'deny');
    assert.ok(lines.includes(`going out: ${denies}`), lines.join('\n'));
    assert.equal((await trace(lab, '10.5.0.1', '123', 'udp')).verdict, 'pass');
    assert.match(
      (await trace(lab, '10.5.0.1', '53', 'udp')).lines.join('\n'),
      /plugins\.firewall\.rules\[0]/,
    );

    // Either of the tables is enough.
    for (const alone of ['inet netconf', 'inet netconf-guard']) {
      const kept = alone === 'inet netconf' ? 'inet netconf-guard' : 'inet netconf';
      const text = `table ${kept}\ndelete table ${kept}\n${lab.inside('nft', 'list', 'table', ...kept.split(' '))}`;
      lab.inside('nft', 'delete', 'table', ...kept.split(' '));
      assert.equal(passes(lab, 9), false, alone);
      assert.equal(lab.pings(world), false, alone);
      assert.equal(passes(lab, 123), true, alone);
      lab.inside('sh', '-c', `nft -f - <<'EOF'\n${text}\nEOF`);
    }
    assert.equal(passes(lab, 53), false);

    const before = lab.cleartext();
    await lab.server('--push', 'redirect-gateway');
    await lab.event('vpn.up', 0, 30_000);
    await lab.reaches(world);
    assert.ok(await lab.transfers('10.7.0.1'));
    assert.equal((await trace(lab, world, '443')).verdict, 'pass');
    assert.equal(lab.cleartext(), before);
    // The peer's address is known by now.
    await inForce(lab, 'dport 1195');

    await lab.kill('SIGKILL');
    for (const pid of lab.processes()) process.kill(pid, 'SIGKILL');
    assert.equal(passes(lab, 9), false);
    assert.equal(lab.pings(world), false);
    assert.ok(rules(lab).includes('"plugin guard"'));
    await lab.start();
    assert.ok(isBlocked(await show(lab)));

    await emit(lab, 'network-secure');
    await until('the rules to go', () => !rules(lab).includes('guard'));
    await until('the way', () => passes(lab, 9));
  });

  it('makes a table of rules where nobody wants another, with no protection against spoofing, and takes it away', async () => {
    await using lab = new VpnLab('plugins: {guard: {vpn: tun0}}\n');
    lab.vpn(['timeout 1']);
    await lab.start();
    const settings = () => lab.inside('cat', '/proc/sys/net/ipv4/conf/all/rp_filter');
    const before = settings();
    await emit(lab, 'network-insecure');
    await inForce(lab);
    assert.deepEqual(tables(lab).toSorted(), ['table inet netconf', 'table inet netconf-guard']);
    assert.ok(!rules(lab).includes('fib'), rules(lab));
    assert.equal(settings(), before);
    assert.equal((await trace(lab, world, '443')).verdict, 'deny');
    await emit(lab, 'network-secure');
    await until('the tables to go', () => tables(lab).join() === '');
  });

  it('holds without the firewall', async () => {
    await using lab = new VpnLab('plugins: {guard: {vpn: tun0}, firewall: false}\n');
    lab.countCleartext();
    lab.vpn(['timeout 1']);
    await lab.start();
    await emit(lab, 'network-insecure');
    await lab.event('vpn.guarded');
    assert.deepEqual(tables(lab), ['table inet netconf-guard']);
    assert.equal(passes(lab, 9), false);
  });

  it('stays when the guard is unloaded, whose rules go', async () => {
    await using lab = new VpnLab('plugins: {guard: {vpn: tun0}}\n');
    lab.countCleartext();
    lab.vpn(['timeout 1']);
    await lab.start();
    await emit(lab, 'network-insecure');
    await inForce(lab);
    await lab.client.call('UnloadPlugin', { name: 'guard' });
    await until('the rules to go', () => tables(lab).join() === 'table inet netconf-guard');
    assert.equal(passes(lab, 9), false);
    await lab.client.call('LoadPlugin', { name: 'guard' });
    await inForce(lab);
  });

  it('is no rule while all may pass, since the VPN stands', async () => {
    await using lab = new VpnLab('plugins: {guard: {vpn: tun0, open: all}}\n');
    lab.countCleartext();
    lab.vpn(['timeout 30']);
    await lab.start();
    await emit(lab, 'network-insecure');
    await inForce(lab);
    const end = await lab.server();
    await lab.event('vpn.up', 0, 30_000);
    await until('the way', () => passes(lab, 9));
    assert.ok(!isBlocked(await show(lab)));
    await end();
    await inForce(lab);
    assert.equal(passes(lab, 9), false);
  });
});
