import assert from 'node:assert/strict';
import { needs } from '../../setup.ts';
import { until } from '../../until.ts';
import { Ground } from './ground.ts';

const servers = '/run/dns/dnsmasq.servers';
const pid = '/run/dns/dnsmasq.pid';
const own = 'nameserver 192.0.2.1\n';

/** A server at an address of this host that answers every name with one address. */
const upstream = (ground: Ground, at: string, answer: string) => {
  ground.inside(`ip addr add ${at}/32 dev lo`);
  ground.background(
    ...dnsmasq,
    `--listen-address=${at}`,
    '--no-resolv',
    `--address=/#/${answer}`,
    '--pid-file=',
  );
};
const dnsmasq = [
  'dnsmasq',
  '--keep-in-foreground',
  '--conf-file=/dev/null',
  '--bind-interfaces',
  '--user=root',
  '--log-facility=-',
  '--no-hosts',
];

/** What a program is told that asks libc: getaddrinfo(3). */
const resolve = (ground: Ground, name: string) =>
  ground.tryInside(`getent ahostsv4 ${name}`).stdout.split(/\s/)[0];
const resolves = (ground: Ground, name: string, address: string) =>
  until(`${name} is ${address}`, () => resolve(ground, name) === address);

describe('names that programs ask for', function () {
  this.timeout(60_000);

  before(function () {
    needs(this, { root: true, programs: ['ip', 'nsenter', 'unshare', 'dnsmasq', 'getent'] });
  });

  it('are resolved by the servers of the file, and short ones within its search domains', async () => {
    await using ground = await new Ground({ before: own }).begin();
    await ground.start();
    upstream(ground, '10.0.0.53', '192.0.2.10');
    ground.lease('e0', { domain_name_servers: '10.0.0.53', domain_name: 'lab.example' });
    await ground.reads('nameserver 10.0.0.53', 'search lab.example');
    await resolves(ground, 'www.example.org', '192.0.2.10');
    assert.match(ground.inside('getent ahosts printer'), /^192\.0\.2\.10 +STREAM printer\.lab\.example$/m);
  });

  describe('where a local dnsmasq splits them', () => {
    const make = async () => {
      const options = { dnsmasq: { servers, pid } };
      const ground = await new Ground({ before: own, options, mounts: 'mkdir /run/dns' }).begin();
      await ground.start();
      upstream(ground, '10.0.0.53', '192.0.2.10');
      upstream(ground, '10.8.0.1', '192.0.2.80');
      return ground;
    };
    const local = [
      '--listen-address=127.0.0.1',
      '--no-resolv',
      `--servers-file=${servers}`,
      `--pid-file=${pid}`,
      '--cache-size=0',
    ];
    const office = {
      name: 'office',
      dev: 'p0',
      dns: ['10.8.0.1'],
      search: ['corp.example', 'intern.example'],
    };

    it('go to the servers of a VPN for its domains, and to the others for all else', async () => {
      await using ground = await make();
      // Its file is there before anything is known, and before dnsmasq.
      await until('its file', () => ground.text(servers) !== undefined);
      ground.background(...dnsmasq, ...local);
      await until('dnsmasq', () => ground.text(pid) !== undefined);
      ground.lease('e0', { domain_name_servers: '10.0.0.53', domain_name: 'lab.example' });
      await ground.reads('nameserver 127.0.0.1', 'search lab.example');
      await resolves(ground, 'host.corp.example', '192.0.2.10');
      await ground.tunnel('up', office);
      await ground.reads('nameserver 127.0.0.1', 'search corp.example intern.example lab.example');
      await resolves(ground, 'host.corp.example', '192.0.2.80');
      await resolves(ground, 'a.b.intern.example', '192.0.2.80');
      await resolves(ground, 'www.example.org', '192.0.2.10');
      await until('dns.changed', () => ground.state()?.from.length === 2);
      assert.equal(ground.state()?.by, 'dnsmasq');
      await ground.tunnel('down', office);
      await resolves(ground, 'host.corp.example', '192.0.2.10');
      ground.lease('e0', undefined, 'EXPIRE');
      await until('the file of before', () => ground.text() === own);
    });

    it('go to a VPN altogether when it is the default route', async () => {
      await using ground = await make();
      await until('its file', () => ground.text(servers) !== undefined);
      ground.background(...dnsmasq, ...local);
      await until('dnsmasq', () => ground.text(pid) !== undefined);
      ground.lease('e0', { domain_name_servers: '10.0.0.53' });
      await ground.tunnel('up', office);
      await resolves(ground, 'host.corp.example', '192.0.2.80');
      assert.ok(!ground.lines(servers).includes('server=10.8.0.1'));
      // As OpenVPN's redirect-gateway does it.
      ground.inside(
        'ip addr add 10.9.0.1/24 dev p0; ip route add 0.0.0.0/1 dev p0; ip route add 128.0.0.0/1 dev p0',
      );
      await resolves(ground, 'www.example.org', '192.0.2.80');
      assert.ok(
        !ground.lines(servers).includes('server=10.0.0.53'),
        'what the tunnel hides nobody else hears',
      );
    });

    it('go to the servers themselves while dnsmasq does not run', async () => {
      await using ground = await make();
      ground.lease('e0', { domain_name_servers: '10.0.0.53' });
      await ground.reads('nameserver 10.0.0.53');
      await resolves(ground, 'www.example.org', '192.0.2.10');
      const child = ground.background(...dnsmasq, ...local);
      await ground.reads('nameserver 127.0.0.1');
      await resolves(ground, 'www.example.org', '192.0.2.10');
      child.kill('SIGTERM');
      await ground.reads('nameserver 10.0.0.53');
    });

    it('harm no other process that its pid file names', async () => {
      await using ground = await make();
      const child = ground.background('sleep', '1000');
      ground.inside(`echo ${child.pid} >${pid}`);
      ground.lease('e0', { domain_name_servers: '10.0.0.53' });
      await ground.reads('nameserver 10.0.0.53');
      assert.equal(child.exitCode ?? child.signalCode, null);
    });
  });
});
