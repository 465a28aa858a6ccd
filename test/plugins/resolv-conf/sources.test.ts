import assert from 'node:assert/strict';
import { allOver, begin, type Scenarios, tell } from '../../parallel.ts';
import { needs } from '../../setup.ts';
import { until } from '../../until.ts';
import { Ground } from './ground.ts';

/** Sends router advertisements, each with the options of one argument in hexadecimal. */
const advertise = `
import socket, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
for options in sys.argv[2:]:
    ra = bytes.fromhex("8600000040000e10" "0000000000000000" + options)
    s.sendto(ra, ("ff02::1", 0, 0, socket.if_nametoindex(sys.argv[1])))
`;

const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0');
const address = (last: number) => `20010db8${'0'.repeat(20)}${hex(last, 4)}`;

/** RFC 8106, section 5.1 */
function rdnss(lifetime: number, ...addresses: string[]): string {
  return `19${hex(1 + 2 * addresses.length, 2)}0000${hex(lifetime, 8)}${addresses.join('')}`;
}

/** RFC 8106, section 5.2: names as labels, padded to eight bytes. */
function dnssl(lifetime: number, ...names: string[]): string {
  const labels = names.map(
    name =>
      `${name
        .split('.')
        .map(part => `${hex(part.length, 2)}${Buffer.from(part, 'latin1').toString('hex')}`)
        .join('')}00`,
  );
  const body = labels.join('');
  const padded = body.padEnd(Math.ceil(body.length / 16) * 16, '0');
  return `1f${hex(1 + padded.length / 16, 2)}0000${hex(lifetime, 8)}${padded}`;
}

const configuration = 'netlink: {routerOptions: true}\n';
const send = (ground: Ground, ...options: string[]) =>
  ground.inside(`python3 -c '${advertise}' p0 ${options.join(' ')}`);
const listener = async () => {
  const ground = await new Ground({ configuration, before: 'nameserver 192.0.2.1\n' }).begin();
  ground.inside(
    'for f in e0 p0; do sysctl -qw net.ipv6.conf.$f.accept_dad=0; done; sysctl -qw net.ipv6.conf.e0.accept_ra=2 net.ipv6.conf.p0.accept_ra=0; ip link set e0 down; ip link set e0 up',
  );
  await ground.start();
  await until(
    'link-local addresses',
    () => !/tentative|^$/.test(ground.inside('ip -6 addr show e0 scope link; ip -6 addr show p0 scope link')),
  );
  return ground;
};

/** Lifetimes run out: all of them at once. */
const routers: Scenarios = {
  'lasts for their lifetimes, each value for its own, and no longer': async () => {
    await using ground = await listener();
    send(ground, rdnss(600, address(1)) + rdnss(6, address(2)) + dnssl(600, 'lab.example', 'example.org'));
    await ground.reads('nameserver 2001:db8::1', 'nameserver 2001:db8::2', 'search lab.example example.org');
    await ground.reads('nameserver 2001:db8::1', 'search lab.example example.org');
    send(ground, rdnss(0, address(1)) + dnssl(0, 'lab.example', 'example.org'));
    await ground.reads('nameserver 192.0.2.1');
    send(ground, rdnss(0xffffffff, address(3)));
    await ground.reads('nameserver 2001:db8::3');
    ground.inside('ip link set e0 down');
    await ground.reads('nameserver 192.0.2.1');
  },

  'ends at its time over a restart': async () => {
    await using ground = await listener();
    send(ground, rdnss(8, address(1)) + rdnss(0xffffffff, address(2)));
    await ground.reads('nameserver 2001:db8::1', 'nameserver 2001:db8::2');
    await ground.kill('SIGKILL');
    await ground.start();
    await ground.reads('nameserver 2001:db8::2');
  },

  'lasts for its lifetime, wherever the clock is set to': async () => {
    await using ground = await listener();
    const set = (ms: number) =>
      ground.client.call('Emit', { event: 'clock-is-set', data: { ms }, wait: true });
    send(ground, rdnss(600, address(1)) + rdnss(8, address(2)));
    await ground.reads('nameserver 2001:db8::1', 'nameserver 2001:db8::2');
    await set(3_600_000);
    send(ground, rdnss(600, address(3)));
    await ground.reads('nameserver 2001:db8::1', 'nameserver 2001:db8::2', 'nameserver 2001:db8::3');
    await set(-3_600_000);
    await ground.reads('nameserver 2001:db8::1', 'nameserver 2001:db8::3');
  },

  'is bounded, whatever a host on the link sends': async () => {
    await using ground = await listener();
    const flood = Array.from({ length: 400 }, (_, at) => {
      const servers = rdnss(600, address(2 * at + 1), address(2 * at + 2), `ff02${'0'.repeat(28)}`);
      return servers + dnssl(600, `d${at}.example`, 'x\ny', '$(id)');
    });
    send(ground, ...flood);
    await ground.says(/router advertisement: 2001:db8::\w+ is refused: routers have advertised 8 already/);
    await until('eight servers', () => ground.state()?.servers.length === 8);
    assert.equal(ground.state()?.search.length, 16);
    assert.doesNotMatch(ground.text()!, /ff02|\$|^y/m);
    // A flood comes into force once a second, and fills no log.
    assert.ok(ground.count(/refused|libc|glibc/) <= 32);
    assert.ok(ground.events.filter(({ name }) => name === 'dns.changed').length < 10);
  },
};

describe('name service of all sources', function () {
  this.timeout(60_000);

  before(async function () {
    needs(this, { root: true, programs: ['ip', 'nsenter', 'unshare', 'python3'] });
    await begin([routers], 0);
  });
  after(allOver);

  it('has what a lease says for as long as it is held', async () => {
    await using ground = await new Ground({ before: 'nameserver 192.0.2.1\n' }).begin();
    await ground.start();
    const values = {
      domain_name_servers: '10.0.0.53 10.0.0.54',
      domain_name: 'lab.example',
      domain_search: 'a.example b.example',
    };
    ground.lease('e0', values);
    await ground.reads(
      'nameserver 10.0.0.53',
      'nameserver 10.0.0.54',
      'search lab.example a.example b.example',
    );
    await until('dns.changed', () => ground.state()?.from[0]?.source === 'dhcp inet');
    const before = ground.inside('stat -c %i /etc/resolv.conf');
    ground.lease('e0', values, 'RENEW');
    await until('dhcp.renewed', () => ground.events.some(({ name }) => name === 'dhcp.renewed'));
    ground.lease('e0', { ...values, domain_name: 'other.example' }, 'RENEW');
    await ground.reads(
      'nameserver 10.0.0.53',
      'nameserver 10.0.0.54',
      'search other.example a.example b.example',
    );
    const changes = () => ground.events.filter(({ name }) => name === 'dns.changed');
    await until('dns.changed', () => changes().length > 1);
    assert.equal(changes().length, 2, 'a lease that is prolonged as it was changes nothing');
    assert.notEqual(ground.inside('stat -c %i /etc/resolv.conf'), before);
    const renewed = ground.events.filter(({ name }) => name === 'dhcp.renewed').at(-1);
    assert.equal(changes()[1]?.cause, renewed?.id, 'the event names its cause');
    ground.lease('e0', undefined, 'EXPIRE');
    await ground.reads('nameserver 192.0.2.1');
  });

  it('has nothing of a lease that ended while no daemon ran', async () => {
    await using ground = await new Ground({ before: 'nameserver 192.0.2.1\n' }).begin();
    await ground.start();
    ground.lease('e0', { domain_name_servers: '10.0.0.53' });
    ground.lease('e1', { domain_name_servers: '10.1.0.53' });
    await ground.reads('nameserver 10.0.0.53', 'nameserver 10.1.0.53');
    await ground.kill('SIGKILL');
    ground.inside(`rm ${ground.run}/leases/*e0*`);
    await ground.start();
    await ground.reads('nameserver 10.1.0.53');
  });

  it('has what a DHCP server says to a real client, and a policy beside it', async function () {
    needs(this, { programs: ['dnsmasq', 'dhclient'] });
    await using ground = await new Ground({ before: 'nameserver 192.0.2.1\n' }).begin();
    const policy = '[IFUP]\nstartat DHCP\n[cfg DHCP]\ndhcp-client dhclient\ndns-search policy.example\n';
    ground.write('policy.d/e0', policy);
    ground.inside('ip addr add 10.3.0.1/24 dev p0');
    const fixed = [
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--port=0',
      '--interface=p0',
      '--bind-interfaces',
    ];
    const more = ['--pid-file=', '--user=root', `--dhcp-leasefile=${ground.folder}/leases`, '--no-ping'];
    const says = ['--dhcp-range=10.3.0.100,10.3.0.200,2m', '--dhcp-option=option:dns-server,10.3.0.53'];
    ground.background('dnsmasq', ...fixed, ...more, ...says, '--domain=lab.example', '--dhcp-authoritative');
    await ground.start();
    const result = await ground.up('e0');
    assert.equal(result.state, 'configured', JSON.stringify(result));
    // An ifup is over when names resolve.
    assert.deepEqual(ground.lines(), ['nameserver 10.3.0.53', 'search policy.example lab.example']);
    assert.equal((await ground.down('e0')).state, 'deconfigured');
    assert.deepEqual(ground.lines(), ['nameserver 192.0.2.1']);
  });

  it('refuses names and addresses that are none, and says which', async () => {
    await using ground = await new Ground().begin();
    await ground.start();
    await ground.tunnel('up', {
      name: 'office',
      dev: 'e0',
      dns: ['10.8.0.1', '10.8.0.2\nnameserver 6.6.6.6', '0.0.0.0', '127.0.0.1', '$(touch /etc/pwned)'],
      search: ['office.example', 'x\noptions rotate', '`reboot`'],
    });
    await ground.reads('nameserver 10.8.0.1', 'search office.example');
    for (const what of [
      '"0.0.0.0" is refused: the unspecified address',
      '"127.0.0.1" is refused',
      '"`reboot`" is refused: no name of the DNS',
    ])
      assert.ok(ground.output().includes(`e0: DNS of the VPN office: ${what}`), what);
    assert.doesNotMatch(ground.text()!, /6\.6\.6\.6|rotate|touch/);
  });

  it('has the servers of a VPN first, and none of them when it ends or its tunnel goes', async () => {
    await using ground = await new Ground().begin();
    await ground.start();
    ground.inside('ip tuntap add tun0 mode tun');
    ground.lease('e0', { domain_name_servers: '10.0.0.53' });
    await ground.reads('nameserver 10.0.0.53');
    const office = {
      name: 'office',
      dev: 'tun0',
      dns: ['10.8.0.1'],
      search: ['office.example'],
      domain: 'example.org',
    };
    await ground.tunnel('up', office);
    await ground.reads('nameserver 10.8.0.1', 'nameserver 10.0.0.53', 'search example.org office.example');
    await ground.tunnel('reconnecting', { name: 'office', dev: 'tun0', reason: 'lost' });
    await ground.reads('nameserver 10.0.0.53');
    await ground.tunnel('up', office);
    await ground.reads('nameserver 10.8.0.1', 'nameserver 10.0.0.53', 'search example.org office.example');
    await ground.tunnel('down', { name: 'office' });
    await ground.reads('nameserver 10.0.0.53');
    await ground.tunnel('up', office);
    await ground.reads('nameserver 10.8.0.1', 'nameserver 10.0.0.53', 'search example.org office.example');
    ground.inside('ip link del tun0');
    await ground.reads('nameserver 10.0.0.53');
    await ground.tunnel('up', { dns: ['10.9.0.1'], dev: 'e1' });
    await ground.tunnel('up', { name: 'x', dns: ['10.9.0.1'], dev: '../../etc/x' }).catch(() => undefined);
    ground.lease('e1', { domain_name_servers: '10.1.0.53' });
    await ground.reads('nameserver 10.0.0.53', 'nameserver 10.1.0.53');
  });

  it('is in the order of the default routes, and follows them', async () => {
    await using ground = await new Ground().begin();
    await ground.start();
    ground.inside('ip addr add 10.0.0.2/24 dev e0; ip addr add 10.1.0.2/24 dev e1');
    ground.inside(
      'ip route add default via 10.0.0.1 metric 100; ip route add default via 10.1.0.1 metric 200',
    );
    ground.lease('e1', { ip_address: '10.1.0.2', domain_name_servers: '10.1.0.53' });
    await ground.reads('nameserver 10.1.0.53');
    ground.lease('e0', { ip_address: '10.0.0.2', domain_name_servers: '10.0.0.53' });
    await ground.reads('nameserver 10.0.0.53', 'nameserver 10.1.0.53');
    assert.match(ground.text()!, /^# e1 \(metric 200\), dhcp inet$/m);
    ground.inside('ip route add default via 10.1.0.1 metric 50');
    await ground.reads('nameserver 10.1.0.53', 'nameserver 10.0.0.53');
    ground.inside('ip route del default via 10.1.0.1 metric 50');
    await ground.reads('nameserver 10.0.0.53', 'nameserver 10.1.0.53');
    // Another than the best has changed: which the kernel's default route does not tell.
    ground.inside(
      'ip route del default metric 200; ip -6 route add default via fe80::1 dev e1 metric 30 2>/dev/null || ip route add default via 10.1.0.1 metric 30',
    );
    await ground.reads('nameserver 10.1.0.53', 'nameserver 10.0.0.53');
  });

  it('is in the order of the rules before all others, without what is to be ignored', async () => {
    await using ground = await new Ground({ options: { order: ['e1', 'e*'], ignore: ['p*'] } }).begin();
    await ground.start();
    for (const on of ['p0', 'e0', 'e1'])
      ground.lease(on, { domain_name_servers: `10.0.0.${on.charCodeAt(0)} 10.${on[1]}.0.53` });
    await ground.reads('nameserver 10.0.0.101', 'nameserver 10.1.0.53', 'nameserver 10.0.0.53');
  });

  it('goes with the name of its link', async () => {
    await using ground = await new Ground().begin();
    await ground.start();
    await ground.tunnel('up', { name: 'x', dev: 'e0', dns: ['fe80::53'] });
    await ground.reads('nameserver fe80::53%e0');
    ground.inside('ip link set e0 down; ip link set e0 name lan0');
    await ground.reads('nameserver fe80::53%lan0');
  });

  it('goes with the name of its link, and not with one that begins alike', async () => {
    const interfaces =
      'iface e0 inet manual\n\tdns-nameservers fe80::53 fe80::54%e01\niface e1 inet manual\n\tdns-nameservers fe80::55%e0\n';
    await using ground = await new Ground({ interfaces }).begin();
    await ground.start();
    await ground.up('e0');
    await ground.up('e1');
    await ground.reads('nameserver fe80::53%e0', 'nameserver fe80::54%e01', 'nameserver fe80::55%e0');
    ground.inside('ip link set e0 down; ip link set e0 name lan0');
    await ground.reads('nameserver fe80::53%lan0', 'nameserver fe80::54%e01', 'nameserver fe80::55%lan0');
    // No resolver takes this zone.
    ground.inside("ip link set lan0 name '$&'");
    await ground.reads('nameserver fe80::54%e01');
  });

  describe('of router advertisements', () => tell(routers));
});
