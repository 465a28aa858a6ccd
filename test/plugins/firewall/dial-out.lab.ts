import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { startDaemon } from '../../daemon.ts';
import { unpacked } from '../../debian-package.ts';
import { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';
import { until } from '../../until.ts';
import { Lab } from './lab.ts';

const text = `
  network "internal" { interface "eth0" { addressv4 10.0.0.2/24; addressv6 fd00:0:0:a::2/64 } }
  network "dialout" {
    interface "ppp0" { addressv4 dynamical; ptpaddressv4 dynamical; addressv6 dynamical }
    setdefaultroute onconnect;
  }
  rule { from "internal" masquerade }
`;

describe('the example of the proposal that only masquerades, on a kernel that has PPP', function () {
  this.timeout(240_000);
  before(function () {
    needs(this, {
      root: true,
      programs: ['ip', 'nft', 'socat', 'dnsmasq'],
      modules: ['ppp_async', 'nft_nat', 'nft_fib_inet'],
    });
  });

  it('masquerades both families over two pppd, with what the provider advertises', async function () {
    const pppd = `${unpacked(this, 'ppp')}/usr/sbin/pppd`;
    await using lab = new Lab();
    using folder = new Folder({ 'network.conf': text, options: '' });
    const path = (name: string) => `${folder.path}/${name}`;
    lab.cable(['router', 'eth0'], ['client', 'e0', '10.0.0.7/24', 'fd00:0:0:a::7/64']);
    lab.ip('client', 'route add default via 10.0.0.2');
    lab.ip('client', '-6 route add default via fd00:0:0:a::2');
    const provider = lab.ns('provider');
    for (const address of ['198.51.100.80/32', '2001:db8:100::80/128'])
      lab.ip('provider', `address add ${address} dev lo`);
    lab.sysctl('provider', 'net/ipv6/conf/all/forwarding', '1');
    const plugins = { 'network-file': { file: path('network.conf') }, interfaces: false };
    await using daemon = await startDaemon({
      netns: lab.ns('router'),
      configuration: JSON.stringify({ plugins }),
    });
    await daemon.event('interface.configured', { interface: 'eth0' });

    const programs = [
      spawn('socat', [`PTY,link=${path('a')},raw,echo=0`, `PTY,link=${path('b')},raw,echo=0`], {
        stdio: 'ignore',
      }),
    ];
    const run = (netns: string, ...words: string[]) =>
      programs.push(spawn('ip', ['netns', 'exec', netns, ...words], { stdio: 'ignore' }));
    try {
      await until('the line', () => existsSync(path('a')) && existsSync(path('b')));
      const common = ['nodetach', 'noauth', 'local', 'nocrtscts', 'nodeflate', 'noccp', '+ipv6'];
      const line = (end: string) => [pppd, path(end), '115200', ...common, 'file', path('options')];
      run(provider, ...line('b'), '203.0.113.1:203.0.113.9');
      run(lab.ns('router'), ...line('a'), 'noipdefault');
      const shown = (host: string) => {
        try {
          return lab.ip(host, 'address show dev ppp0');
        } catch {
          return '';
        }
      };
      await until('the provider', () => /inet6 fe80/.test(shown('provider')), 60_000);
      lab.ip('provider', 'address add 2001:db8:203::1/64 dev ppp0');
      const fixed = [
        '--keep-in-foreground',
        '--conf-file=/dev/null',
        '--port=0',
        '--pid-file=',
        '--user=root',
      ];
      run(
        provider,
        'dnsmasq',
        ...fixed,
        '--interface=ppp0',
        '--enable-ra',
        '--dhcp-range=2001:db8:203::,ra-only',
      );
      await until(
        'both addresses',
        () => /inet 203\.0\.113\.9 .*inet6 2001:db8:203:/s.test(shown('router')),
        60_000,
      );
      const [, own] = /inet6 (2001:db8:203:[0-9a-f:]+)/.exec(shown('router'))!;
      await lab.host('provider').listen(443);
      for (const [host, from] of [
        ['198.51.100.80', '203.0.113.9'],
        ['2001:db8:100::80', own],
      ] as const)
        await until(`a connection to ${host}`, async () => {
          const answer = await lab.host('client').connect({ host, port: 443 });
          return answer.from === from;
        });
    } finally {
      for (const program of programs) program.kill('SIGKILL');
    }
  });
});
