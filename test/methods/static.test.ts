import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { needs } from '../setup.ts';
import { Ground, shells } from './ground.ts';

before(function () {
  needs(this, { root: true, programs: ['ip', 'dash', 'busybox'] });
});

const office = { address: '192.0.2.2/24', gateway: '192.0.2.1' };

for (const shell of shells) {
  describe(`the method static, under ${shell}`, () => {
    it('gives a link an address, its broadcast address and a default route, and takes them back', () => {
      using ground = new Ground(shell);
      const before = ground.state();
      ground.up('static', office);
      assert.deepEqual(ground.addresses(), ['192.0.2.2/24']);
      assert.match(ground.ip('address show dev near'), /brd 192\.0\.2\.255 scope global near\n/);
      assert.deepEqual(ground.routes(), ['default via 192.0.2.1 dev near proto 110']);
      ground.down('static');
      assert.deepEqual(ground.state(), before);
      assert.equal(ground.handleText(), undefined);
    });

    it('changes nothing the second time', async () => {
      using ground = new Ground(shell);
      const options = {
        ...office,
        address: '192.0.2.2/24 198.51.100.7/25',
        metric: '7',
        mtu: '1400',
        hwaddress: 'random',
        routes: '10.0.0.0/8 via 192.0.2.9\n203.0.113.9 via 198.51.100.1 metric 4 table 77',
      };
      ground.up('static', options);
      const said = await ground.monitor(() => ground.up('static', options));
      assert.deepEqual(said, []);
      const handle = ground.handleText();
      ground.up('static', options);
      assert.equal(ground.handleText(), handle);
    });

    it('changes nothing the second time for IPv6 either', async () => {
      using ground = new Ground(shell);
      const options = {
        address: '2001:DB8:0:0::2/64 2001:db8:1::0.0.0.5/48',
        gateway: 'fe80::1',
        accept_ra: '0',
        privext: '2',
        mtu: '1400',
        routes: '2001:db8:77::/48 via 2001:db8::9',
      };
      ground.up('static', options, { family: 'inet6' });
      assert.deepEqual(ground.addresses(), ['2001:db8:1::5/48', '2001:db8::2/64']);
      assert.deepEqual(ground.routes(6), [
        '2001:db8:77::/48 via 2001:db8::9 dev near proto 110 metric 1024',
        'default via fe80::1 dev near proto 110 metric 1024',
      ]);
      const said = await ground.monitor(() => ground.up('static', options, { family: 'inet6' }));
      assert.deepEqual(said, []);
    });

    it('writes settings of IPv6 only where they differ, and puts them back', () => {
      using ground = new Ground(shell);
      const before = ground.state();
      ground.up(
        'static',
        { address: '2001:db8::2/64', METHOD: 'static', accept_ra: '1', privext: '2', mtu: '1400' },
        { family: 'inet6' },
      );
      const setting = (name: string) => ground.sysctl(`net/ipv6/conf/near/${name}`);
      assert.deepEqual(['autoconf', 'use_tempaddr', 'mtu'].map(setting), ['0', '2', '1400']);
      assert.doesNotMatch(ground.handleText() ?? '', /accept_ra/);
      ground.down('static', { family: 'inet6' });
      assert.deepEqual(ground.state(), before);
    });
  });
}

describe('the method static', () => {
  it('takes lengths, dotted masks, both or none, as ifupdown does', () => {
    const cases: [Record<string, string>, string][] = [
      [{ address: '192.0.2.2', netmask: '255.255.255.128' }, '192.0.2.2/25'],
      [{ address: '192.0.2.2', netmask: '26' }, '192.0.2.2/26'],
      [{ address: '192.0.2.2/255.255.0.0' }, '192.0.2.2/16'],
      [{ address: '192.0.2.2/24', netmask: '8' }, '192.0.2.2/24'],
      [{ address: '10.1.2.3' }, '10.1.2.3/8'],
      [{ address: '172.16.2.3' }, '172.16.2.3/16'],
      [{ address: '192.0.2.2' }, '192.0.2.2/24'],
      [{ address: '192.0.2.2/32' }, '192.0.2.2/32'],
    ];
    using ground = new Ground();
    for (const [options, address] of cases) {
      ground.up('static', options);
      assert.deepEqual(ground.addresses(), [address]);
    }
  });

  it('sets broadcast address, scope and label as they are declared', () => {
    using ground = new Ground();
    const show = () => ground.ip('-4 -o address show dev near').replace(/\s+/g, ' ');
    ground.up('static', { address: '192.0.2.2/24', broadcast: '-', scope: 'link', label: 'near:office' });
    assert.match(show(), /192\.0\.2\.2\/24 brd 192\.0\.2\.0 scope link near:office\\/);
    ground.up('static', { address: '192.0.2.2/24', broadcast: '192.0.2.127' });
    assert.match(show(), /192\.0\.2\.2\/24 brd 192\.0\.2\.127 scope global near\\/);
    ground.up('static', { address: '192.0.2.2/31' });
    assert.match(show(), /192\.0\.2\.2\/31 scope global near\\/);
  });

  it('makes a point-to-point link', () => {
    using ground = new Ground();
    ground.up('static', {
      address: '192.0.2.2',
      netmask: '255.255.255.255',
      pointopoint: '198.51.100.1',
      gateway: '198.51.100.1',
    });
    assert.deepEqual(ground.addresses(), ['192.0.2.2 peer 198.51.100.1/32']);
    assert.deepEqual(ground.routes(), ['default via 198.51.100.1 dev near proto 110']);
    ground.down('static');
    assert.deepEqual(ground.routes(), []);
  });

  it('reaches a gateway outside all networks of the link as one on the link, and only such a one', () => {
    using ground = new Ground();
    ground.up('static', { address: '192.0.2.2/32', gateway: '198.51.100.1' });
    assert.deepEqual(ground.routes(), ['default via 198.51.100.1 dev near proto 110 onlink']);
    using sixth = new Ground();
    sixth.up('static', { address: '2001:db8::2/62', gateway: '2001:db8:0:4::1' }, { family: 'inet6' });
    assert.deepEqual(sixth.routes(6), ['default via 2001:db8:0:4::1 dev near proto 110 metric 1024 onlink']);
  });

  it('configures an alias as a label of its link, and leaves the link alone', () => {
    using ground = new Ground();
    ground.up('static', office);
    ground.up('static', { address: '198.51.100.2/24' }, { interface: 'near:1', handle: 'alias' });
    assert.match(ground.ip('address show dev near'), /198\.51\.100\.2\/24 brd \S+ scope global near:1\n/);
    ground.down('static', { interface: 'near:1', handle: 'alias' });
    assert.deepEqual(ground.addresses(), ['192.0.2.2/24']);
    assert.ok(ground.isUp());
  });

  it('replaces what is declared differently, and leaves what stays', async () => {
    using ground = new Ground();
    ground.up('static', { ...office, address: '192.0.2.2/24 198.51.100.2/24', mtu: '1400' });
    const said = await ground.monitor(() =>
      ground.up('static', { address: '198.51.100.2/24 203.0.113.2/24', gateway: '198.51.100.1' }),
    );
    assert.deepEqual(ground.addresses(), ['198.51.100.2/24', '203.0.113.2/24']);
    assert.deepEqual(ground.routes(), ['default via 198.51.100.1 dev near proto 110']);
    assert.deepEqual(
      said.filter(line => line.includes('198.51.100.2/24')),
      [],
    );
    assert.deepEqual(
      said.filter(line => line.startsWith('Deleted default')),
      [],
      'the default route is replaced, not missing for a moment',
    );
    assert.equal(ground.json<{ mtu: number }>('link show dev near')[0]?.mtu, 1500);
  });

  it('keeps the second address of a network when the first one goes', async () => {
    using ground = new Ground();
    ground.up('static', { address: '192.0.2.2/24 192.0.2.3/24' });
    const said = await ground.monitor(() => ground.up('static', { address: '192.0.2.3/24' }));
    assert.deepEqual(ground.addresses(), ['192.0.2.3/24']);
    assert.deepEqual(
      said.filter(line => /Deleted.* 192\.0\.2\.3\//.test(line)),
      [],
    );
    assert.equal(ground.sysctl('net/ipv4/conf/near/promote_secondaries'), '0');
  });

  it('lets an established connection go on while other addresses come and go', async function () {
    this.timeout(60_000);
    using ground = new Ground();
    using other = new Ground();
    other.ip('link delete near');
    ground.ip(`link set far netns ${other.name}`);
    other.ip('link set far up');
    other.ip('address add 192.0.2.1/24 dev far');
    ground.up('static', { address: '192.0.2.2/24 192.0.2.5/24', gateway: '192.0.2.1' });
    const echo = 'require("net").createServer(s => s.pipe(s)).listen(7777, () => console.log("listening"))';
    const server = other.spawn(process.execPath, '-e', echo);
    await once(createInterface(server.stdout!), 'line');
    const client = ground.spawn(
      process.execPath,
      '-e',
      'const s = require("net").connect({ host: "192.0.2.1", port: 7777, localAddress: "192.0.2.5" });' +
        's.on("error", e => { console.log(e.code); process.exit(1); });' +
        'process.stdin.pipe(s); s.pipe(process.stdout);',
    );
    try {
      const lines = createInterface(client.stdout!);
      const answer = async (text: string) => {
        client.stdin?.write(`${text}\n`);
        return String((await once(lines, 'line'))[0]);
      };
      assert.equal(await answer('one'), 'one');
      ground.up('static', { address: '192.0.2.7/24 192.0.2.5/24', gateway: '192.0.2.9' });
      assert.equal(await answer('two'), 'two');
      ground.up('static', { address: '192.0.2.5/24', mtu: '1400' });
      assert.equal(await answer('three'), 'three');
      assert.deepEqual(ground.addresses(), ['192.0.2.5/24']);
    } finally {
      client.kill();
      server.kill();
    }
  });

  it('leaves what an administrator had put there already, up and down', () => {
    using ground = new Ground();
    ground.ip('link set near up');
    ground.ip('address add 192.0.2.2/24 brd + dev near');
    ground.ip('route add default via 192.0.2.1');
    ground.up('static', office);
    ground.down('static');
    assert.deepEqual(ground.addresses(), ['192.0.2.2/24']);
    assert.deepEqual(ground.routes(), ['default via 192.0.2.1 dev near']);
    assert.ok(ground.isUp());
  });

  it('leaves a link up that carries addresses of others, says so, and takes it down later', () => {
    using ground = new Ground();
    ground.up('static', office);
    ground.ip('address add 198.51.100.7/24 dev near');
    ground.ip('address add 192.0.2.99/24 dev near');
    ground.ip('route add 10.0.0.0/8 via 198.51.100.1');
    const said = ground.down('static');
    assert.equal(
      said,
      'near stays up: it carries 198.51.100.7/24, 192.0.2.99/24, which netconf did not add\n',
    );
    assert.deepEqual(ground.addresses(), ['192.0.2.99/24', '198.51.100.7/24']);
    assert.deepEqual(ground.routes(), ['10.0.0.0/8 via 198.51.100.1 dev near']);
    ground.ip('address flush dev near');
    assert.equal(ground.down('static'), '');
    assert.ok(!ground.isUp());
  });

  it('leaves a link up that an administrator routes over, route and all', () => {
    using ground = new Ground();
    ground.up('static', office);
    ground.ip('route add 10.0.0.0/8 dev near');
    const said = ground.down('static');
    assert.equal(said, 'near stays up: it carries the route 10.0.0.0/8, which netconf did not add\n');
    assert.deepEqual(ground.routes(), ['10.0.0.0/8 dev near scope 253']);
  });

  it('leaves what an administrator has changed since', () => {
    using ground = new Ground();
    ground.up('static', { ...office, mtu: '1400' });
    ground.ip('link set near mtu 1300');
    ground.ip('route replace default via 192.0.2.200');
    ground.ip('address add 192.0.2.2/25 dev near');
    ground.down('static');
    assert.deepEqual(ground.addresses(), ['192.0.2.2/25']);
    assert.equal(ground.json<{ mtu: number }>('link show dev near')[0]?.mtu, 1300);
  });

  it('renews the lifetimes of a lease without touching the address', async () => {
    using ground = new Ground();
    const lease = { address: '192.0.2.2/24', valid_lifetime: '600', preferred_lifetime: '300' };
    ground.up('static', lease);
    const show = () => ground.ip('-4 -o address show dev near');
    assert.match(show(), /valid_lft (600|599)sec preferred_lft (300|299)sec/);
    assert.deepEqual(await ground.monitor(() => ground.up('static', lease)), []);
    const said = await ground.monitor(() => ground.up('static', { ...lease, valid_lifetime: '900' }));
    assert.match(show(), /valid_lft (900|899)sec/);
    assert.deepEqual(
      said.filter(line => line.startsWith('Deleted')),
      [],
    );
  });

  it('waits for duplicate address detection, and fails when another host has the address', async function () {
    this.timeout(30_000);
    using ground = new Ground('dash', { dad: true });
    using other = new Ground();
    other.ip('link delete near');
    ground.ip(`link set far netns ${other.name}`);
    other.sysctl('net/ipv6/conf/far/disable_ipv6', '0');
    other.ip('link set far up');
    other.ip('address add 2001:db8::2/64 dev far nodad');
    ground.up('static', { address: '2001:db8::3/64' }, { family: 'inet6' });
    assert.doesNotMatch(ground.ip('-6 address show dev near to 2001:db8::3'), /tentative/);
    const { status, stderr } = ground.method(
      'static',
      'up',
      { address: '2001:db8::2/64' },
      { family: 'inet6' },
    );
    assert.equal(stderr, 'near: the address 2001:db8::2/64 is in use by another host on this link\n');
    assert.equal(status, 1);
    ground.down('static', { family: 'inet6' });
    assert.ok(!ground.isUp());
  });

  it('does not wait for duplicate address detection without a carrier, nor when it is switched off', () => {
    using ground = new Ground('dash', { dad: true });
    ground.ip('link set far down');
    ground.up('static', { address: '2001:db8::2/64' }, { family: 'inet6' });
    ground.ip('link set far up');
    ground.up('static', { address: '2001:db8::5/64', dad_attempts: '0' }, { family: 'inet6' });
    assert.doesNotMatch(ground.ip('-6 address show dev near to 2001:db8::5'), /tentative/);
  });

  it('says what the kernel has of what is declared', () => {
    using ground = new Ground();
    const options = { ...office, mtu: '1400', routes: '10.0.0.0/8 via 192.0.2.9' };
    ground.up('static', options);
    ground.ip('route delete 10.0.0.0/8');
    ground.ip('link set near mtu 1300');
    ground.ip('route replace default via 192.0.2.200');
    assert.deepEqual(ground.query('static', options).trim().split('\n'), [
      'present link up',
      'different mtu 1400: it is 1300',
      'present address 192.0.2.2/24',
      'different route default via 192.0.2.1: there is another to default',
      'missing route 10.0.0.0/8 via 192.0.2.9',
    ]);
    assert.equal(ground.query('static', options, { interface: 'gone' }), 'missing link gone\n');
  });

  it('prints in a dry run what it would do, and does nothing', () => {
    using ground = new Ground();
    const before = ground.state();
    const said = ground.up('static', { ...office, mtu: '1400', NETCONF_DRY_RUN: '1' });
    assert.deepEqual(said.trim().split('\n'), [
      'ip link set dev near mtu 1400',
      'ip link set dev near up',
      'ip address add 192.0.2.2/24 broadcast 192.0.2.255 scope 0 dev near label near',
      'ip route add default via 192.0.2.1 dev near proto 110',
    ]);
    assert.deepEqual(ground.state(), before);
    assert.equal(ground.handleText(), undefined);
  });

  it('says that there is no such interface, and takes back nothing of one that is gone', () => {
    using ground = new Ground();
    const { status, stderr } = ground.method('static', 'up', office, { interface: 'gone' });
    assert.deepEqual({ status, stderr }, { status: 1, stderr: 'gone: there is no such interface\n' });
    const vlan = ground.method('static', 'up', office, { interface: 'near.10' });
    assert.equal(
      vlan.stderr,
      'near.10: there is no such interface: it would be a VLAN on near, which the plugin vlan makes (is plugins.vlan false?)\n',
    );
    ground.up('static', office);
    ground.ip('link delete near');
    assert.equal(ground.down('static'), '');
    assert.equal(ground.handleText(), undefined);
  });

  it('says which default route is in the way', () => {
    using ground = new Ground();
    ground.ip('link add third type veth peer name fourth');
    ground.ip('link set third up');
    ground.ip('link set fourth up');
    ground.ip('address add 198.51.100.2/24 dev third');
    ground.ip('route add default via 198.51.100.1');
    const { status, stderr } = ground.method('static', 'up', office);
    assert.equal(status, 1);
    assert.match(stderr, /^near: ip route add default via 192\.0\.2\.1 .*: File exists \(another default/);
    ground.up('static', { ...office, metric: '5' });
    ground.down('static');
    assert.deepEqual(ground.routes(), ['default via 198.51.100.1 dev third']);
  });
});
