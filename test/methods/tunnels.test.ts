import assert from 'node:assert/strict';
import { needs, skip } from '../setup.ts';
import { Ground, shells } from './ground.ts';

interface Case {
  title: string;
  method: string;
  family: string;
  options: Record<string, string>;
  /** The kind of `ip link add`, and the commands of a dry run. */
  kind: string;
  commands: string[];
}

const cases: Case[] = [
  {
    title: 'GRE over IPv4, point to point, with a gateway',
    method: 'tunnel',
    family: 'inet',
    options: {
      mode: 'GRE',
      endpoint: '192.0.2.9',
      local: '192.0.2.2',
      address: '10.0.0.1/30',
      dstaddr: '10.0.0.2',
      ttl: '64',
      mtu: '1400',
      gateway: '10.0.0.2',
      metric: '4',
    },
    kind: 'gre',
    commands: [
      'ip link add tun9 type gre remote 192.0.2.9 local 192.0.2.2 ttl 64',
      'ip link set dev tun9 mtu 1400',
      'ip link set dev tun9 up',
      'ip address add 10.0.0.1 peer 10.0.0.2/32 scope 0 dev tun9 label tun9',
      'ip route add default via 10.0.0.2 metric 4 dev tun9 proto 110',
    ],
  },
  {
    title: 'IPIP over IPv4',
    method: 'tunnel',
    family: 'inet',
    options: { mode: 'ipip', endpoint: '192.0.2.9', address: '10.0.0.1', netmask: '255.255.255.0' },
    kind: 'ipip',
    commands: [
      'ip link add tun9 type ipip remote 192.0.2.9',
      'ip link set dev tun9 up',
      'ip address add 10.0.0.1/24 scope 0 dev tun9 label tun9',
    ],
  },
  {
    title: 'GRE over IPv6',
    method: 'tunnel',
    family: 'inet6',
    options: {
      mode: 'ip6gre',
      endpoint: '2001:db8::9',
      local: '2001:db8::2',
      address: '2001:db8:1::1/64',
      encaplimit: 'none',
    },
    kind: 'ip6gre',
    commands: [
      'ip link add tun9 type ip6gre remote 2001:db8::9 local 2001:db8::2 encaplimit none',
      'ip link set dev tun9 up',
      'ip -6 address add 2001:db8:1::1/64 dev tun9',
    ],
  },
  {
    title: 'IPv4 over IPv6',
    method: 'tunnel',
    family: 'inet6',
    options: { mode: 'IPIP6', endpoint: '2001:db8::9', address: '10.0.0.1/30' },
    kind: 'ip6tnl',
    commands: [
      'ip link add tun9 type ip6tnl mode ipip6 remote 2001:db8::9',
      'ip link set dev tun9 up',
      'ip address add 10.0.0.1/30 scope 0 dev tun9 label tun9',
    ],
  },
  {
    title: 'IPv6 over IPv4 to one endpoint',
    method: 'v4tunnel',
    family: 'inet6',
    options: {
      endpoint: '192.0.2.9',
      local: '192.0.2.2',
      address: '2001:db8:1::1',
      netmask: '64',
      gateway: '2001:db8:1::2',
      mtu: '1300',
    },
    kind: 'sit',
    commands: [
      'ip link add tun9 type sit remote 192.0.2.9 local 192.0.2.2',
      'ip link set dev tun9 mtu 1300',
      'ip link set dev tun9 up',
      'ip -6 address add 2001:db8:1::1/64 dev tun9',
      'ip -6 route add default via 2001:db8:1::2 metric 1024 dev tun9 proto 110',
    ],
  },
  {
    title: '6to4',
    method: '6to4',
    family: 'inet6',
    options: { local: '192.0.2.2', metric: '4', ttl: '64' },
    kind: 'sit',
    commands: [
      'ip link add tun9 type sit remote any local 192.0.2.2 ttl 64',
      'ip link set dev tun9 up',
      'ip -6 address add 2002:c000:202::1/16 dev tun9',
      'ip -6 route add 2000::/3 via ::192.88.99.1 metric 4 onlink dev tun9 proto 110',
    ],
  },
];

before(function () {
  needs(this, { root: true, programs: ['ip', 'dash', 'busybox'] });
});

function kernelHas(ground: Ground, kind: string): boolean {
  try {
    ground.ip(
      `link add probe type ${kind} ${kind.startsWith('ip6') ? 'remote 2001:db8::77' : 'remote 192.0.2.77'}`,
    );
    ground.ip('link delete probe');
    return true;
  } catch {
    return false;
  }
}

for (const shell of shells) {
  describe(`tunnels, under ${shell}`, () => {
    for (const { title, method, family, options, kind, commands } of cases) {
      const extra = { interface: 'tun9', family };

      it(`${title}: declared as ip link add has it`, () => {
        using ground = new Ground(shell);
        const said = ground.up(method, { ...options, NETCONF_DRY_RUN: '1' }, extra);
        assert.deepEqual(said.trim().split('\n'), commands);
      });

      it(`${title}: made, changed in place, and deleted`, async function () {
        this.timeout(60_000);
        using ground = new Ground(shell);
        if (!kernelHas(ground, kind)) skip(this, `this kernel has no ${kind} tunnels`);
        ground.ip('link set near up');
        ground.ip('address add 192.0.2.2/24 dev near');
        ground.ip('address add 2001:db8::2/64 dev near');
        ground.up(method, options, extra);
        assert.deepEqual(await ground.monitor(() => ground.up(method, options, extra)), []);
        for (const line of ground.query(method, options, extra).trim().split('\n'))
          assert.match(line, /^present /);
        const [before] = ground.json<{ ifindex: number }>('link show dev tun9');
        ground.up(method, { ...options, ttl: '33' }, extra);
        const [after] = ground.json<{ ifindex: number }>('link show dev tun9');
        assert.equal(after?.ifindex, before?.ifindex);
        assert.match(ground.ip('-d link show dev tun9'), /(ttl|hoplimit) 33/);
        assert.equal(ground.down(method, extra), '');
        assert.throws(() => ground.ip('link show dev tun9'));
        assert.equal(ground.handleText(), undefined);
      });
    }

    it('become another kind when that is declared', function () {
      this.timeout(60_000);
      using ground = new Ground(shell);
      if (!kernelHas(ground, 'gre') || !kernelHas(ground, 'ipip'))
        skip(this, 'this kernel has no gre and ipip tunnels');
      const options = { mode: 'gre', endpoint: '192.0.2.9', address: '10.0.0.1/30', gateway: '10.0.0.2' };
      ground.up('tunnel', options, { interface: 'tun9' });
      ground.up('tunnel', { ...options, mode: 'ipip' }, { interface: 'tun9' });
      assert.match(ground.ip('link show dev tun9'), /link\/ipip/);
      assert.deepEqual(ground.addresses('tun9'), ['10.0.0.1/30']);
      assert.deepEqual(ground.routes(), ['default via 10.0.0.2 dev tun9 proto 110']);
      ground.down('tunnel', { interface: 'tun9' });
      assert.throws(() => ground.ip('link show dev tun9'));
    });

    it('are named with their module where the kernel has none, and leave nothing', function () {
      using ground = new Ground(shell);
      if (kernelHas(ground, 'gre')) skip(this, 'this kernel has GRE tunnels');
      const options = { mode: 'gre', endpoint: '192.0.2.9', address: '10.0.0.1/30' };
      const { status, stderr } = ground.method('tunnel', 'up', options, { interface: 'tun9' });
      assert.equal(status, 1);
      assert.match(stderr, /^tun9: ip link add tun9 type gre .* \(this kernel has no module ip_gre\)\n$/);
      ground.down('tunnel', { interface: 'tun9' });
      assert.equal(ground.handleText(), undefined);
    });

    it('are refused by option and value', () => {
      using ground = new Ground(shell);
      const refused: [string, string, Record<string, string>, RegExp][] = [
        ['tunnel', 'inet', {}, /option mode: is missing/],
        ['tunnel', 'inet', { mode: 'ip6gre' }, /option mode: 'ip6gre' is none of: GRE IPIP SIT/],
        ['tunnel', 'inet', { mode: 'gre' }, /option endpoint: is missing/],
        [
          'tunnel',
          'inet',
          { mode: 'gre', endpoint: '192.0.2.9 dev lo' },
          /option endpoint: '192\.0\.2\.9 dev lo'/,
        ],
        [
          'tunnel',
          'inet',
          { mode: 'gre', endpoint: '192.0.2.9', local: '::1' },
          /option local: '::1' is no inet/,
        ],
        [
          'tunnel',
          'inet',
          { mode: 'gre', endpoint: '192.0.2.9', ttl: '256' },
          /option ttl: '256' is no number/,
        ],
        [
          'tunnel',
          'inet6',
          { mode: 'ip6gre', endpoint: '2001:db8::9', encaplimit: 'x' },
          /option encaplimit: 'x'/,
        ],
        [
          'v4tunnel',
          'inet6',
          { endpoint: '2001:db8::9' },
          /option endpoint: '2001:db8::9' is no inet address/,
        ],
        ['6to4', 'inet6', {}, /option local: is missing/],
        ['can', 'can', {}, /option bitrate: is missing/],
        ['can', 'can', { bitrate: '1000001' }, /option bitrate: '1000001' is no number from 1 to 1000000/],
        ['can', 'can', { bitrate: '500000', loopback: 'yes' }, /option loopback: 'yes' is none of: on off/],
        ['can', 'can', { bitrate: '500000', samplepoint: '1.5' }, /option samplepoint: '1\.5' is no number/],
      ];
      for (const [method, family, options, words] of refused) {
        const { status, stderr } = ground.method(method, 'up', options, { interface: 'tun9', family });
        assert.match(stderr, words);
        assert.equal(status, 1);
      }
    });

    it('leave an interface of the same name alone that netconf did not make', () => {
      using ground = new Ground(shell);
      const options = { mode: 'gre', endpoint: '192.0.2.9', address: '10.0.0.1/30' };
      const { status, stderr } = ground.method('tunnel', 'up', options);
      assert.equal(status, 1);
      assert.match(
        stderr,
        /^near: there is an interface of this name already, which netconf did not make\n$/,
      );
      ground.writeHandle('+ device gre remote 192.0.2.9\n+ link up\n');
      ground.ip('link set near up');
      ground.down('tunnel');
      ground.ip('link show dev near');
    });

    it('and interfaces of CAN that are none are named as such', () => {
      using ground = new Ground(shell);
      const before = ground.state();
      const { status, stderr } = ground.method('can', 'up', { bitrate: '500000' }, { family: 'can' });
      assert.equal(status, 1);
      assert.match(
        stderr,
        /^near: ip link set dev near type can bitrate 500000: .*\(is this a CAN controller/,
      );
      ground.down('can', { family: 'can' });
      assert.deepEqual(ground.state(), before);
    });
  });
}
