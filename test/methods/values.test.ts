import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { needs } from '../setup.ts';
import { Ground, methodsDirectory, shells } from './ground.ts';

before(function () {
  needs(this, { root: true, programs: ['ip', 'dash', 'busybox'] });
});

const good = { address: '192.0.2.2/24' };
const sixth = { address: '2001:db8::2/64' };

/** What is refused, each with the words that name option and value. */
const refused: [family: 'inet' | 'inet6', options: Record<string, string>, words: RegExp][] = [
  ['inet', {}, /^near: option address: is missing$/],
  ['inet', { address: '192.0.2.256/24' }, /^near: option address: '192\.0\.2\.256' is no inet address$/],
  ['inet', { address: '192.0.2/24' }, /option address: '192\.0\.2' is no inet address/],
  ['inet', { address: '192.0.2.2./24' }, /option address: /],
  ['inet', { address: '192.0.02.2/24' }, /option address: /],
  ['inet', { address: '2001:db8::2/64' }, /option address: '2001:db8::2' is no inet address/],
  ['inet', { address: '0.0.0.0/0' }, /'0\.0\.0\.0' is no address of one host/],
  ['inet', { address: '239.1.1.1/24' }, /'239\.1\.1\.1' is no address of one host/],
  ['inet', { address: '192.0.2.2/' }, /option address: '' is no netmask/],
  ['inet', { address: '192.0.2.2/33' }, /option address: '33' is no netmask/],
  ['inet', { address: '192.0.2.2/-1' }, /option address: '-1' is no netmask/],
  ['inet', { address: '192.0.2.2/255.0.255.0' }, /option address: '255\.0\.255\.0' is no netmask/],
  ['inet', { address: '192.0.2.2', netmask: '0.0.0.255' }, /option netmask: '0\.0\.0\.255' is no netmask/],
  ['inet', { address: '192.0.2.2', netmask: '24 dev lo' }, /option netmask: '24 dev lo' is no netmask/],
  [
    'inet',
    { ...good, broadcast: '192.0.2.255 label x' },
    /option broadcast: '192\.0\.2\.255 label x' is no /,
  ],
  [
    'inet',
    { ...good, gateway: '$(touch /tmp/x)' },
    /option gateway: '\$\(touch \/tmp\/x\)' is no inet address/,
  ],
  [
    'inet',
    { ...good, gateway: '192.0.2.1\nroute flush table main' },
    /option gateway: '192\.0\.2\.1\?route flush/,
  ],
  ['inet', { ...good, gateway: '192.0.2.1 192.0.2.9' }, /option gateway: /],
  ['inet', { ...good, metric: '-1', gateway: '192.0.2.1' }, /option metric: '-1' is no number/],
  ['inet', { ...good, metric: '010' }, /option metric: '010' is no number/],
  [
    'inet',
    { ...good, metric: '99999999999999999999' },
    /option metric: '9+' is no number from 0 to 4294967295/,
  ],
  ['inet', { ...good, mtu: '1e3' }, /option mtu: '1e3' is no number from 68/],
  ['inet', { ...good, mtu: '-x' }, /option mtu: '-x' is no number/],
  ['inet', { ...good, mtu: '67' }, /option mtu: '67' is no number/],
  ['inet6', { ...sixth, mtu: '1279' }, /option mtu: '1279' is no number from 1280/],
  [
    'inet',
    { ...good, hwaddress: '02:00:00:00:00' },
    /option hwaddress: '02:00:00:00:00' is no hardware address/,
  ],
  ['inet', { ...good, hwaddress: 'ether 01:00:5e:00:00:01' }, /is a multicast address/],
  ['inet', { ...good, hwaddress: 'ax25 02:00:00:00:00:01' }, /option hwaddress: 'ax25 /],
  ['inet', { ...good, scope: 'world; reboot' }, /option scope: 'world; reboot' is no number/],
  ['inet', { ...good, label: 'far:1' }, /option label: 'far:1' is no label of near/],
  ['inet', { ...good, label: 'near:a b' }, /option label: 'near:a b' is no label/],
  ['inet', { ...good, pointopoint: 'x' }, /option pointopoint: 'x' is no inet address/],
  [
    'inet',
    { address: '192.0.2.2 192.0.2.3', pointopoint: '192.0.2.9' },
    /option address: '192\.0\.2\.3' is one more/,
  ],
  ['inet', { ...good, valid_lifetime: '0' }, /option valid-lifetime: '0' is over before/],
  [
    'inet',
    { ...good, valid_lifetime: '60', preferred_lifetime: '61' },
    /option preferred-lifetime: '61' is longer/,
  ],
  [
    'inet',
    { ...good, routes: '10.0.0.0/8 via 192.0.2.1 dev lo' },
    /option routes: '10\.0\.0\.0\/8 via .*' is no PREFIX/,
  ],
  ['inet', { ...good, routes: '10.0.0.0/8 via' }, /option routes: '' is no inet address/],
  ['inet', { ...good, routes: '10.0.0.0/40' }, /option routes: '10\.0\.0\.0\/40' is no inet prefix/],
  ['inet', { ...good, routes: '2001:db8::/32 via 192.0.2.1' }, /is no inet prefix/],
  ['inet', { ...good, routes: '10.0.0.0/8 table local' }, /option routes: 'local' is no number/],
  ['inet', { ...good, routes: '10.0.0.0/8 table 255' }, /is a route of the local table/],
  ['inet', { ...good, routes: '-6 flush' }, /option routes: /],
  ['inet6', { address: '2001:db8::2::/64' }, /option address: '2001:db8::2::' is no inet6 address/],
  ['inet6', { address: '2001:db8:0:0:0:0:0:0:2/64' }, /option address: /],
  ['inet6', { address: ':2001:db8::2/64' }, /option address: /],
  ['inet6', { address: '2001:db8::12345/64' }, /option address: /],
  ['inet6', { address: '2001:db8::2/129' }, /option address: '129' is no netmask/],
  ['inet6', { address: '2001:db8::2/64', gateway: 'fe80::1%near' }, /option gateway: 'fe80::1%near'/],
  ['inet6', { address: '192.0.2.2/24' }, /option address: '192\.0\.2\.2' is no inet6 address/],
  ['inet6', { address: 'ff02::1/64' }, /option address: 'ff02::1' is no address of one host/],
  ['inet6', { ...sixth, accept_ra: '3' }, /option accept_ra: '3' is no number from 0 to 2/],
  ['inet6', { ...sixth, privext: '2; reboot' }, /option privext: '2; reboot' is no number/],
  ['inet6', { ...sixth, autoconf: '2' }, /option autoconf: '2' is no number from 0 to 1/],
  ['inet6', { ...sixth, dad_attempts: 'many' }, /option dad-attempts: 'many' is no number/],
  ['inet', { address: 'x'.repeat(255) }, /option address: 'x{60}\.\.\.' is no inet address/],
  ['inet', { address: '`reboot`' }, /option address: '`reboot`' is no inet address/],
  ['inet', { address: '192.0.2.2/24\u001b[2J' }, /option address: '24\?\[2J' is no netmask/],
  ['inet', { address: '*' }, /option address: '\*' is no inet address/],
];

for (const shell of shells) {
  describe(`hostile and mistaken values, under ${shell}`, () => {
    it('are refused by option and value, in one line, before anything is done', function () {
      this.timeout(60_000);
      using ground = new Ground(shell);
      const before = ground.state();
      for (const [family, options, words] of refused) {
        const { status, stdout, stderr } = ground.method('static', 'up', options, { family });
        assert.match(stderr.replace(/\n$/, ''), words);
        assert.equal(stderr.split('\n').length, 2, stderr);
        assert.deepEqual({ status, stdout }, { status: 1, stdout: '' }, stderr);
        assert.equal(ground.handleText(), undefined);
      }
      assert.deepEqual(ground.state(), before);
    });

    it('that are names of interfaces are refused; of what was refused there is nothing to take back', () => {
      using ground = new Ground(shell);
      const before = ground.state();
      const names = ['', '.', '..', '-x', 'a b', 'a\nb', 'a/b', '"x"', '#x', 'x\\', '$x', 'x'.repeat(16)];
      for (const name of names) {
        for (const method of ['static', 'link-extras']) {
          // link-extras does not look at the length.
          if (method === 'link-extras' && name.length > 15) continue;
          for (const mode of ['up', 'query']) {
            const { status, stderr } = ground.method(method, mode, good, { interface: name });
            assert.equal(status, 1, name);
            if (method === 'static') assert.equal(stderr.split('\n').length, 2, stderr);
          }
          const { status, stderr } = ground.method(method, 'down', good, { interface: name });
          assert.deepEqual({ status, stderr }, { status: 0, stderr: '' }, `${method} ${name}`);
        }
      }
      assert.deepEqual(ground.state(), before);
    });

    it('are nothing to a shell, whatever they are and whichever option they are for', function () {
      this.timeout(60_000);
      using ground = new Ground(shell);
      const before = ground.state();
      const options = [
        'address',
        'netmask',
        'broadcast',
        'gateway',
        'mtu',
        'hwaddress',
        'scope',
        'label',
        'metric',
        'routes',
      ];
      const piece = fc.constantFrom(
        '$(',
        ')',
        '`',
        ';',
        '|',
        '&',
        '\n',
        ' ',
        '-',
        '*',
        '"',
        "'",
        '\\',
        '#',
        '${',
        '}',
        'x',
        '9',
        '\u00ff',
      );
      const value = fc.array(piece, { minLength: 1, maxLength: 30 }).map(pieces => `!${pieces.join('')}`);
      const property = fc.property(fc.constantFrom(...options), value, (option, text) => {
        const { status } = ground.method('static', 'up', { ...good, gateway: '192.0.2.1', [option]: text });
        assert.equal(status, 1);
      });
      fc.assert(property, { numRuns: 60 });
      assert.deepEqual(ground.state(), before);
    });
  });
}

describe('addresses in the shell', () => {
  const addresses = [
    ...fc.sample(fc.ipV6(), { numRuns: 300, seed: 1 }),
    ...fc.sample(
      fc
        .array(fc.constantFrom('0', '0', '0', '1', 'ABCD', '0db8', 'ffff'), { minLength: 8, maxLength: 8 })
        .map(groups => groups.join(':')),
      { numRuns: 300, seed: 2 },
    ),
    '::',
    '::1',
    '1::',
    '::ffff:192.0.2.1',
    '::192.0.2.1',
    '::2',
    '::1:2',
    '1:2:3:4:5:6:7::',
    '::2:3:4:5:6:7:8',
    '64:ff9b::192.0.2.33',
  ];
  const wrong = [
    '',
    ':',
    ':::',
    '1',
    '1:2',
    '::1::',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7',
    'g::',
    '::1:',
    ':1::',
    '12345::',
    '::1.2.3',
    '::1.2.3.4:5',
    '1.2.3.4',
    '1:2:3:4:5:6:7:8::',
  ];
  const script = `set -fu; cd ${methodsDirectory}; . lib/values.sh; . lib/ipv4.sh; . lib/ipv6.sh`;
  const each = (shell: string, work: string, lines: readonly string[]) => {
    const [program = '', ...words] = shell.split(' ');
    const loop = `${script}; while IFS=' ' read -r one two; do ${work}; done`;
    return execFileSync(program, [...words, '-c', loop], { input: `${lines.join('\n')}\n`, encoding: 'utf8' })
      .trimEnd()
      .split('\n');
  };
  const python = (work: string, lines: readonly string[]) =>
    execFileSync(
      'python3',
      [
        '-c',
        `import sys, socket, ipaddress\nfor line in sys.stdin:\n    one, _, two = line.rstrip("\\n").partition(" ")\n    print(${work})`,
      ],
      {
        input: `${lines.join('\n')}\n`,
        encoding: 'utf8',
      },
    )
      .trimEnd()
      .split('\n');

  for (const shell of shells) {
    it(`have the form that inet_ntop(3) gives them, under ${shell}`, function () {
      needs(this, { programs: ['python3'] });
      const ours = each(shell, 'ipv6_canonical "$one" && echo "$result" || echo wrong', addresses);
      assert.deepEqual(
        ours,
        python('socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, one))', addresses),
      );
    });

    it(`are refused where they are none, under ${shell}`, () => {
      for (const text of wrong)
        assert.deepEqual(
          each(shell, 'ipv6_canonical "$one" && echo "$result" || echo wrong', [text]),
          ['wrong'],
          text,
        );
    });

    it(`have the networks that their lengths say, under ${shell}`, function () {
      this.timeout(60_000);
      needs(this, { programs: ['python3'] });
      const network =
        'socket.inet_ntop(socket.AF_INET6, ipaddress.ip_network(one + "/" + two, strict=False).network_address.packed)';
      const sixths = addresses.map((address, at) => `${address} ${(at * 7) % 129}`);
      assert.deepEqual(
        each(shell, 'ipv6_network "$one" "$two"; echo "$result"', sixths),
        python(network, sixths),
      );
      const fourths = fc
        .sample(fc.ipV4(), { numRuns: 200, seed: 3 })
        .map((address, at) => `${address} ${at % 33}`);
      assert.deepEqual(
        each(shell, 'ipv4_network "$one" "$two"; echo "$result"', fourths),
        python(network.replaceAll('AF_INET6', 'AF_INET'), fourths),
      );
    });
  }
});
