import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { until } from '../../daemon.ts';
import { unpacked } from '../../debian-package.ts';
import { needs } from '../../setup.ts';
import { World } from './world.ts';

interface Link {
  linkinfo?: { info_kind?: string; info_data?: { remote?: string; local?: string } };
}

const linkOf = (world: World, name: string): Link =>
  (JSON.parse(world.ip('-d', '-j', 'link', 'show', 'dev', name)) as Link[])[0]!;

describe('an interface of the network file, on a kernel that has its kind', () => {
  before(function () {
    needs(this, { root: true, programs: ['ip', 'socat'] });
  });

  it('is the way of IPv6 through IPv4, as a tunnel of its own or over one that has addresses', async () => {
    await using world = await World.start(
      `network "a" { interface "near" { address 192.0.2.2/24; addressv6 2001:db8:1::2/64; tunneldest 192.0.2.9; } }
       network "b" { interface "six" { addressv6 2001:db8:2::2/64; tunneldest 192.0.2.10; setdefaultroute true; } }
       network "c" { network fd00:1::/64 }
       route "c" { gatewayv6 2001:db8:1::1 }\n`,
      ['near'],
    );
    await world.daemon.event('interface.configured', { interface: 'sit-near' });
    await world.daemon.event('interface.configured', { interface: 'six' });
    assert.deepEqual(world.addresses('sit-near'), ['2001:db8:1::2/64']);
    const { info_kind, info_data } = linkOf(world, 'sit-near').linkinfo!;
    assert.deepEqual([info_kind, info_data!.remote, info_data!.local], ['sit', '192.0.2.9', '192.0.2.2']);
    assert.equal(linkOf(world, 'six').linkinfo!.info_data!.remote, '192.0.2.10');
    assert.deepEqual(world.addresses('near'), ['192.0.2.2/24']);
    const routes = world.routes('-6').map(line => line.replace(/ metric 1024.*/, ''));
    assert.deepEqual(routes.toSorted(), ['default dev six', 'fd00:1::/64 via 2001:db8:1::1 dev sit-near']);
  });

  it('of a dial-up network that two pppd make has its routes for as long as the connection stands', async function () {
    this.timeout(240_000);
    const pppd = `${unpacked(this, 'ppp')}/usr/sbin/pppd`;
    await using world = await World.start(
      `network "internal" { interface "near" { address 192.0.2.2/24 } }
       network "dialout" {
         interface "ppp0" { addressv4 dynamical; ptpaddressv4 dynamical }
         setdefaultroute onconnect;
       }\n`,
      ['near'],
    );
    await world.daemon.event('interface.configured', { interface: 'near' });
    const isp = `${world.netns}-isp`;
    execFileSync('ip', ['netns', 'add', isp]);
    const { path } = world.folder;
    const line = spawn('socat', [`PTY,link=${path}/a,raw,echo=0`, `PTY,link=${path}/b,raw,echo=0`], {
      stdio: 'ignore',
    });
    try {
      await until('the line', () =>
        execFileSync('sh', ['-c', `ls ${path}`], { encoding: 'utf8' }).includes('b'),
      );
      writeFileSync(`${path}/options`, '');
      const common = [
        'nodetach',
        'noauth',
        'local',
        'nocrtscts',
        'nodeflate',
        'noccp',
        'file',
        `${path}/options`,
      ];
      for (const round of [10, 20]) {
        const last = world.daemon.events.at(-1)!.id;
        const server = spawn(
          'ip',
          ['netns', 'exec', isp, pppd, `${path}/b`, '115200', ...common, `198.51.100.1:198.51.100.${round}`],
          { stdio: 'ignore' },
        );
        const client = spawn(
          'ip',
          ['netns', 'exec', world.netns, pppd, `${path}/a`, '115200', ...common, 'noipdefault'],
          { stdio: 'ignore' },
        );
        const ended = Promise.all(
          [server, client].map(child => new Promise(resolve => child.once('close', resolve))),
        );
        await until(
          'the address',
          () => {
            try {
              return world
                .ip('address', 'show', 'dev', 'ppp0')
                .includes(`198.51.100.${round} peer 198.51.100.1/32`);
            } catch {
              return false;
            }
          },
          60_000,
        );
        await until(
          'the default route',
          () => world.routes().includes('default dev ppp0 scope link'),
          60_000,
        );
        world.in('ping', '-c', '1', '-W', '10', '198.51.100.1');
        client.kill('SIGTERM');
        server.kill('SIGTERM');
        await ended;
        await world.daemon.event('interface.deconfigured', { interface: 'ppp0', after: last });
        assert.deepEqual(world.routes(), []);
      }
    } finally {
      line.kill('SIGKILL');
      execFileSync('ip', ['netns', 'del', isp]);
    }
  });
});
