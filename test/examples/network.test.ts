import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../daemon.ts';
import { World } from '../plugins/network-file/world.ts';
import { needs } from '../setup.ts';

const example = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../examples/network', name), 'utf8');

describe('the example of a network file', () => {
  before(function () {
    needs(this, { root: true, programs: ['ip', 'tc', 'dnsmasq', 'dhclient'] });
  });

  it('dialout.conf has its way out for as long as the connection stands', async () => {
    await using world = await World.start(example('dialout.conf'), ['eth0']);
    await world.daemon.event('interface.configured', { interface: 'eth0' });
    assert.deepEqual(world.addresses('eth0'), ['10.0.0.2/24']);
    world.addLink('ppp0');
    await world.daemon.event('interface.configured', { interface: 'ppp0' });
    assert.deepEqual(world.routes(), []);
    world.ip('link', 'set', 'ppp0', 'up');
    world.ip('address', 'add', '198.51.100.10', 'peer', '198.51.100.1', 'dev', 'ppp0');
    await until('the default route', () => world.routes().length > 0);
    assert.deepEqual(world.routes(), ['default dev ppp0 scope link']);
  });

  it('home.conf comes up whole: addresses, the label of a lease, dial-in lines that come later, nothing on what is disabled', async () => {
    const server = `nfhome${process.pid}`;
    await using world = await World.start(undefined, ['eth0', 'eth1', 'vmnet0', 'isdn0']);
    execFileSync('ip', ['netns', 'add', server]);
    world.ip('link', 'set', 'eth0-peer', 'netns', server);
    const inServer = (...words: string[]) => execFileSync('ip', ['-n', server, ...words]);
    inServer('address', 'add', '10.0.0.1/24', 'dev', 'eth0-peer');
    inServer('link', 'set', 'eth0-peer', 'up');
    const words = [
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--port=0',
      '--interface=eth0-peer',
      '--bind-interfaces',
    ];
    const files = [
      '--pid-file=',
      '--user=root',
      `--dhcp-leasefile=${world.folder.path}/leases`,
      '--no-ping',
      '--log-facility=-',
    ];
    const range = ['--dhcp-range=10.0.0.100,10.0.0.200,2m', '--dhcp-authoritative'];
    const dnsmasq = spawn('ip', ['netns', 'exec', server, 'dnsmasq', ...words, ...files, ...range], {
      stdio: 'ignore',
    });
    try {
      world.write(example('home.conf'));
      const answer = await world.apply();
      assert.equal(answer.state, 'applied', JSON.stringify(answer));
      assert.deepEqual(
        answer.results?.map(one => `${one.interface} ${one.state}`),
        ['eth0 configured', 'eth1 configured', 'vmnet0 configured', 'ppp0 waiting', 'ppp1 waiting'],
      );
      const [fixed, leased] = world.addresses('eth0');
      assert.equal(fixed, '10.0.0.4/24');
      assert.match(leased!, /^10\.0\.0\.1\d\d\/24$/);
      assert.match(world.ip('address', 'show', 'dev', 'eth0'), /eth0:0/);
      assert.deepEqual(
        [world.addresses('eth1'), world.addresses('vmnet0'), world.addresses('isdn0')],
        [['192.168.1.34/23'], ['10.0.1.1/24'], []],
      );
      world.addLink('ppp0');
      await world.daemon.event('interface.configured', { interface: 'ppp0' });
      assert.match(world.ip('address', 'show', 'dev', 'ppp0'), /inet 10\.0\.2\.1 peer 10\.0\.2\.2\/32/);
      assert.match(world.in('tc', 'qdisc', 'show', 'dev', 'ppp0'), /tbf .*rate 14400bit/);
      // What netconf started goes with it.
      await world.daemon.client.call('Down', { interface: 'eth0' });
    } finally {
      dnsmasq.kill('SIGKILL');
      execFileSync('ip', ['netns', 'del', server]);
    }
  });
});
