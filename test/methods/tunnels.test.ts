import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs } from '../setup.ts';
import { Ground, shells } from './ground.ts';
import { cases } from './tunnel-cases.ts';

before(function () {
  needs(this, { root: true, programs: ['ip', 'dash', 'busybox'] });
});

/** An `ip` as it is under a kernel that has no GRE, whatever this one has. */
function withoutGre(ground: Ground): string {
  const standIns = join(ground.directory, 'bin');
  mkdirSync(standIns);
  const real = execFileSync('sh', ['-c', 'command -v ip'], { encoding: 'utf8' }).trim();
  const text = `#!/bin/sh
case "$*" in
*-batch*)
  lines=$(cat)
  case $lines in
  *'type gre'*) printf 'Error: Unknown device type.\\nCommand failed -:1\\n' >&2; exit 1 ;;
  esac
  printf '%s\\n' "$lines" | ${real} "$@" ;;
*) exec ${real} "$@" ;;
esac
`;
  writeFileSync(join(standIns, 'ip'), text, { mode: 0o755 });
  return standIns;
}

for (const shell of shells) {
  describe(`tunnels, under ${shell}`, () => {
    for (const { title, method, family, options, commands } of cases) {
      const extra = { interface: 'tun9', family };

      it(`${title}: declared as ip link add has it`, () => {
        using ground = new Ground(shell);
        const said = ground.up(method, { ...options, NETCONF_DRY_RUN: '1' }, extra);
        assert.deepEqual(said.trim().split('\n'), commands);
      });
    }

    it('are named with their module where the kernel has none, and leave nothing', () => {
      using ground = new Ground(shell);
      const options = { mode: 'gre', endpoint: '192.0.2.9', address: '10.0.0.1/30' };
      const extra = { interface: 'tun9', standIns: withoutGre(ground) };
      const { status, stderr } = ground.method('tunnel', 'up', options, extra);
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
