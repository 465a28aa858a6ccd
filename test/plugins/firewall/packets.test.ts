import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { address, type Packet } from '../../../plugins/firewall/model/packet.ts';
import { startDaemon } from '../../daemon.ts';
import { needs } from '../../setup.ts';
import { until } from '../../until.ts';
import { configurationOf } from './examples.ts';
import { Lab } from './lab.ts';
import { Router } from './router.ts';

const udp = (
  id: number,
  source: string,
  destination: string,
  more: Partial<Packet> & { pieces?: boolean } = {},
) => ({
  id,
  in: 'ra',
  source: address(source),
  destination: address(destination),
  protocol: 17,
  sourcePort: 5000 + id,
  destinationPort: 9,
  ...more,
});

describe('a rule', function () {
  this.timeout(60_000);
  let router: Router;
  before(async function () {
    needs(this, { root: true, programs: ['ip', 'nft', 'python3', 'tcpdump'] });
    router = new Router();
    await router.ready();
  });
  after(() => router?.[Symbol.asyncDispose]());

  it('for fragments sees those that are not the first, before they are put together, in either family', async () => {
    const sent = (first: number) => [
      udp(first, '10.1.0.2', '10.2.0.2', { pieces: true }),
      udp(first + 1, '10.1.0.2', '10.2.0.2'),
      udp(first + 2, 'fd01::2', 'fd02::2', { pieces: true }),
      udp(first + 3, 'fd01::2', 'fd02::2'),
    ];
    router.enforce([{ action: { kind: 'forward' } }]);
    assert.deepEqual(await router.pass(sent(1)), [1, 2, 3, 4]);
    router.enforce([
      { fragment: { value: true }, action: { kind: 'deny' } },
      { action: { kind: 'forward' } },
    ]);
    assert.deepEqual(await router.pass(sent(5)), [6, 8]);
    const one = {
      fragment: { value: true as const },
      from: [{ addresses: ['10.1.0.2'] }],
      protocol: { value: 'udp' },
    };
    router.enforce([
      { ...one, action: { kind: 'accept' } },
      { fragment: { value: true }, action: { kind: 'deny' } },
      { action: { kind: 'forward' } },
    ]);
    assert.deepEqual(await router.pass(sent(9)), [9, 10, 12]);
    router.enforce([{ fragment: { value: true, not: true }, action: { kind: 'forward' } }]);
    assert.deepEqual(await router.pass(sent(13)), [13, 14, 15, 16]);
  });

  it('stands behind the spoof protection: strict by the link, loose by any way, or none', async () => {
    const sent = (first: number) => [
      udp(first, '10.1.0.2', '10.2.0.2'),
      // Of another link's network, of this host, and of everywhere.
      udp(first + 1, '10.2.0.3', '10.3.0.2'),
      udp(first + 2, 'fd02::3', 'fd03::2'),
      udp(first + 3, 'fd01::1', 'fd02::2'),
      udp(first + 4, '198.51.100.7', '10.2.0.2'),
    ];
    const forward = [{ action: { kind: 'forward' as const } }];
    router.enforce(forward, [], 'strict');
    assert.deepEqual(await router.pass(sent(21)), [21]);
    router.enforce(forward, [], 'loose');
    assert.deepEqual(await router.pass(sent(31)), [31, 32, 33, 35]);
    router.enforce(forward, [], 'off');
    assert.deepEqual(await router.pass(sent(41)), [41, 42, 43, 44, 45]);
  });

  it('that copies to nflog copies every packet of a connection, the last too; what is refused only where it says so', async () => {
    await using lab = new Lab();
    lab.cable(['router', 'eth0', '10.0.0.1/24'], ['client', 'e0', '10.0.0.7/24']);
    lab.cable(['router', 'eth1', '192.0.2.1/24'], ['server', 'e0', '192.0.2.9/24']);
    lab.ip('client', 'route add default via 10.0.0.1');
    lab.ip('server', 'route add default via 192.0.2.1');
    await using daemon = await startDaemon({
      netns: lab.ns('router'),
      configuration: configurationOf({
        networks: [{ name: 'lan', links: ['eth0'], prefixes: ['10.0.0.0/24'] }],
        rules: [
          { to: [{ ports: [[8, 8]] }], action: { kind: 'deny', direction: 'incoming' } },
          { from: [{ network: 'lan' }], action: { kind: 'none' }, monitor: 5 },
          { from: [{ network: 'lan' }], action: { kind: 'forward' } },
        ],
      }),
    });
    void daemon;
    await lab.host('server').listen(7);
    const words = ['netns', 'exec', lab.ns('router'), 'tcpdump', '-l', '-n', '-i', 'nflog:5'];
    const child = spawn('ip', words, { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
    const ended = new Promise(resolve => child.on('close', resolve));
    await until('tcpdump', () => said.includes('listening on'));
    assert.equal((await lab.host('client').connect({ host: '192.0.2.9', port: 8 })).error, 'timeout');
    assert.equal((await lab.host('client').connect({ host: '192.0.2.9', port: 7 })).from, '10.0.0.7');
    await until('the end of the connection', () => /\.7: Flags \[[FR]/.test(text)).catch(() => undefined);
    child.kill('SIGINT');
    await ended;
    assert.match(text, /10\.0\.0\.7\.\d+ > 192\.0\.2\.9\.7: Flags \[S\]/);
    assert.match(text, /10\.0\.0\.7\.\d+ > 192\.0\.2\.9\.7: Flags \[[FR]/);
    assert.doesNotMatch(text, /192\.0\.2\.9\.8|> 10\.0\.0\.7/);
  });
});
