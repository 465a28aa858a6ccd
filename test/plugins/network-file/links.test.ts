import assert from 'node:assert/strict';
import { until } from '../../daemon.ts';
import { needs } from '../../setup.ts';
import { World } from './world.ts';

interface Link {
  flags: string[];
  mtu: number;
  address: string;
  linkinfo?: { info_kind?: string; info_data?: { remote?: string; local?: string } };
}

const linkOf = (world: World, name: string): Link =>
  (JSON.parse(world.ip('-d', '-j', 'link', 'show', 'dev', name)) as Link[])[0]!;

function limitOf(world: World, name: string): number | undefined {
  const all = JSON.parse(world.in('tc', '-j', 'qdisc', 'show', 'dev', name)) as {
    kind: string;
    options?: { rate?: number };
  }[];
  const rate = all.find(({ kind }) => kind === 'tbf')?.options?.rate;
  return rate === undefined ? undefined : rate * 8;
}

describe('an interface of the network file', () => {
  before(function () {
    needs(this, { root: true, programs: ['ip', 'tc'] });
  });

  it('has its MTU, ARP, multicast, hardware address and bandwidth set, changed and put back', async () => {
    const text = (options: string) =>
      `network "a" { interface "near" { address 192.0.2.2/24; ${options} } }\n`;
    await using world = await World.start(
      text('mtu 1400; arp false; allmulti true; bandwidth 1mbit; hwaddress 02:00:00:00:00:07'),
      ['near'],
    );
    await world.daemon.event('interface.configured', { interface: 'near' });
    const before = linkOf(world, 'near');
    assert.deepEqual([before.mtu, before.address], [1400, '02:00:00:00:00:07']);
    assert.ok(before.flags.includes('NOARP') && before.flags.includes('ALLMULTI'));
    assert.equal(limitOf(world, 'near'), 1_000_000);
    world.write(text('mtu 1400; bandwidth 14400'));
    assert.equal((await world.apply()).state, 'applied');
    const after = linkOf(world, 'near');
    assert.ok(!after.flags.includes('NOARP') && !after.flags.includes('ALLMULTI'));
    assert.equal(limitOf(world, 'near'), 14_400);
    world.write('network "b" { network 192.0.2.0/24 }\n');
    assert.equal((await world.apply()).state, 'applied');
    assert.equal(limitOf(world, 'near'), undefined);
    assert.equal(linkOf(world, 'near').mtu, 1500);
  });

  it('has a label, the other end of a point-to-point link, and a default route over that', async () => {
    await using world = await World.start(
      `network "a" {
        interface "near" { addressv4 192.0.2.2; ptpaddressv4 192.0.2.1; setdefaultroute true; metric 7; }
        interface "near:1" { addressv4 198.51.100.2/24; }
      }\n`,
      ['near'],
    );
    await world.daemon.event('interface.configured', { interface: 'near' });
    const shown = world.ip('address', 'show', 'dev', 'near');
    assert.match(shown, /inet 192\.0\.2\.2 peer 192\.0\.2\.1\/32 scope global near/);
    assert.match(shown, /inet 198\.51\.100\.2\/24 brd 198\.51\.100\.255 scope global near:1/);
    assert.deepEqual(world.routes(), ['default via 192.0.2.1 dev near metric 7']);
  });

  it('that comes late is configured when its link comes, and apply waits for nothing', async () => {
    await using world = await World.start('network "a" { interface "near" { address 192.0.2.2/24 } }\n', [
      'near',
    ]);
    await world.daemon.event('interface.configured', { interface: 'near' });
    world.write(
      'network "a" { interface "near" { address 192.0.2.2/24 } }\nnetwork "b" { interface "late" { address 198.51.100.2/24 } }\n',
    );
    const answer = await world.apply();
    assert.deepEqual(
      answer.results?.map(one => `${one.interface} ${one.state}`),
      ['late waiting'],
    );
    world.addLink('late');
    await world.daemon.event('interface.configured', { interface: 'late' });
    assert.deepEqual(world.addresses('late'), ['198.51.100.2/24']);
  });

  it('of a dial-up network gets its routes when the connection is made, loses them with it, and gets them again', async () => {
    await using world = await World.start(
      `network "internal" { interface "near" { address 192.0.2.2/24 } }
       network "dialout" { interface "ppp0" { addressv4 dynamical; ptpaddressv4 dynamical; bandwidth 56kbit } setdefaultroute onconnect; }
       network "office" { network 10.0.0.0/8 }
       route "office" { interface "ppp0" }\n`,
      ['near'],
    );
    await world.daemon.event('interface.configured', { interface: 'near' });
    for (const local of ['198.51.100.10', '198.51.100.20']) {
      // As pppd does it: a link, then the addresses of both ends, then up.
      const last = world.daemon.events.at(-1)!.id;
      world.ip('link', 'add', 'ppp0', 'type', 'veth', 'peer', 'name', 'isp');
      await world.daemon.event('interface.configured', { interface: 'ppp0', after: last });
      assert.equal(limitOf(world, 'ppp0'), 56_000);
      assert.deepEqual(world.routes(), []);
      world.ip('link', 'set', 'isp', 'up');
      world.ip('link', 'set', 'ppp0', 'up');
      world.ip('address', 'add', local, 'peer', '198.51.100.1', 'dev', 'ppp0');
      await until('the routes', () => world.routes().length === 2);
      assert.deepEqual(world.routes().toSorted(), [
        '10.0.0.0/8 dev ppp0 scope link',
        'default dev ppp0 scope link',
      ]);
      world.ip('link', 'del', 'ppp0');
      await world.daemon.event('interface.deconfigured', { interface: 'ppp0', after: last });
      assert.deepEqual(world.routes(), []);
    }
  });

  it('is one that interfaces(5) has too: the network file counts, and interfaces(5) for all others', async () => {
    await using world = await World.start('network "a" { interface "near" { address 192.0.2.2/24 } }\n', [
      'near',
      'other',
    ]);
    world.folder.write(
      'interfaces',
      'iface near inet static\n  address 203.0.113.1/24\niface other inet static\n  address 203.0.113.2/24\n',
    );
    const up = async (name: string) =>
      (await world.daemon.client.call('Up', { interface: name })).results![0]!.state;
    assert.deepEqual(
      [await up('near'), await up('other')].map(state => state !== 'failed'),
      [true, true],
    );
    assert.deepEqual(
      [world.addresses('near'), world.addresses('other')],
      [['192.0.2.2/24'], ['203.0.113.2/24']],
    );
  });
});
