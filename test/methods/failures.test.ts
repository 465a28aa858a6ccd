import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs } from '../setup.ts';
import { Ground, type MethodOptions, shells } from './ground.ts';

before(function () {
  needs(this, { root: true, programs: ['ip', 'dash', 'busybox'] });
});

/**
 * A program `ip` that counts what it is asked for, and fails at the n-th: calls, or lines of batches, of which those before
 * are done.
 */
function failingIp(ground: Ground, unit: 'call' | 'line', at: number): string {
  const directory = join(ground.directory, 'bin');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  const real = execFileSync('sh', ['-c', 'command -v ip'], { encoding: 'utf8' }).trim();
  const count = join(directory, 'count');
  writeFileSync(count, '0\n');
  const script = {
    call: `read n <${count}; n=$((n + 1)); echo $n >${count}
[ $n -ne ${at} ] || { echo 'RTNETLINK answers: No buffer space available' >&2; exit 2; }
exec ${real} "$@"`,
    // A look is one question; the lines of a change are counted.
    line: `input=$(cat)
case $input in *' show '*) printf '%s\\n' "$input" | ${real} "$@"; exit $? ;; esac
read n <${count}
total=$(printf '%s\\n' "$input" | grep -c .)
echo $((n + total)) >${count}
left=$((${at} - n - 1))
[ $left -ge 0 ] && [ $left -lt $total ] || { printf '%s\\n' "$input" | ${real} "$@"; exit $?; }
[ $left -eq 0 ] || printf '%s\\n' "$input" | grep . | head -n $left | ${real} "$@"
echo 'RTNETLINK answers: Operation not permitted' >&2
echo "Command failed -:$((left + 1))" >&2
exit 1`,
  }[unit];
  writeFileSync(join(directory, 'ip'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return directory;
}

const cases: [title: string, name: string, options: Record<string, string>, extra: MethodOptions][] = [
  [
    'static',
    'static',
    {
      address: '192.0.2.2/24 192.0.2.3/24',
      gateway: '192.0.2.1',
      mtu: '1400',
      hwaddress: '02:00:00:00:00:01',
      routes: '10.0.0.0/8 via 192.0.2.9',
    },
    {},
  ],
  [
    'static for IPv6',
    'static',
    { address: '2001:db8::2/64', gateway: '2001:db8::1', mtu: '1400', privext: '2', accept_ra: '0' },
    { family: 'inet6' },
  ],
  ['manual', 'manual', { mtu: '1400', hwaddress: '02:00:00:00:00:01' }, {}],
  ['auto', 'auto', { privext: '2' }, { family: 'inet6' }],
];

for (const shell of shells) {
  describe(`a method that fails at a step, under ${shell}`, () => {
    for (const [title, name, options, extra] of cases) {
      for (const unit of ['call', 'line'] as const) {
        it(`says why, and taken back leaves all as it was: ${title}, each ${unit} of ip`, function () {
          this.timeout(60_000);
          using ground = new Ground(shell);
          const before = ground.state();
          let at = 1;
          for (; at < 40; at++) {
            const standIns = failingIp(ground, unit, at);
            const up = ground.method(name, 'up', options, { ...extra, standIns });
            if (up.status === 0) break;
            assert.match(up.stderr, /^near: ip.*(No buffer space|Operation not permitted)[^\n]*\n$/);
            ground.down(name, extra);
            assert.deepEqual(ground.state(), before, `the ${at}-th`);
            assert.equal(existsSync(ground.handle()), false);
          }
          assert.ok(at > 1 && at < 40, `it failed ${at - 1} times`);
          ground.down(name, extra);
          assert.deepEqual(ground.state(), before);
        });

        it(`can be taken back later when that fails too: ${title}, each ${unit} of ip`, function () {
          this.timeout(60_000);
          using ground = new Ground(shell);
          const before = ground.state();
          let failures = 0;
          for (let at = 1; at < 12; at++) {
            ground.up(name, options, extra);
            const standIns = failingIp(ground, unit, at);
            const down = ground.method(name, 'down', {}, { ...extra, standIns });
            if (down.status !== 0) {
              failures++;
              assert.notEqual(ground.handleText(), undefined);
              ground.down(name, extra);
            }
            assert.deepEqual(ground.state(), before, `the ${at}-th`);
          }
          assert.ok(failures > 0 || unit === 'line');
        });

        it(`goes on where it was left when it is tried again: ${title}, each ${unit} of ip`, function () {
          this.timeout(60_000);
          using ground = new Ground(shell);
          const before = ground.state();
          for (let at = 1; at < 10; at++) {
            ground.method(name, 'up', options, { ...extra, standIns: failingIp(ground, unit, at) });
            ground.up(name, options, extra);
            ground.down(name, extra);
            assert.deepEqual(ground.state(), before, `the ${at}-th`);
          }
        });
      }
    }
  });
}
