import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs } from '../setup.ts';
import { Ground, shells } from './ground.ts';

before(function () {
  needs(this, { root: true, programs: ['ip', 'dash', 'busybox'] });
});

/** Programs that write what they were called with, a word a line, and end with a status. */
function programs(ground: Ground, names: readonly string[], status = 0): { standIns: string; log: string } {
  const standIns = join(ground.directory, 'bin');
  const log = join(ground.directory, 'log');
  rmSync(standIns, { recursive: true, force: true });
  mkdirSync(standIns);
  for (const name of names)
    writeFileSync(join(standIns, name), `#!/bin/sh\nprintf '%s\\n' ${name} "$@" >>${log}\nexit ${status}\n`, {
      mode: 0o755,
    });
  return { standIns, log };
}

for (const shell of shells) {
  describe(`methods that start other programs, under ${shell}`, () => {
    it('ppp calls pon as ifupdown does, once, and poff with the provider that it was started with', () => {
      using ground = new Ground(shell);
      const { standIns, log } = programs(ground, ['pon', 'poff']);
      const extra = { interface: 'ppp0', standIns };
      const options = { provider: 'isp', unit: '3', options: 'holdoff 3 $(reboot) *' };
      const called = () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []);
      assert.equal(
        ground.up('ppp', { ...options, NETCONF_DRY_RUN: '1' }, extra),
        'pon isp unit 3 holdoff 3 $(reboot) *\n',
      );
      assert.deepEqual(called(), []);
      ground.up('ppp', options, extra);
      assert.deepEqual(called(), ['pon', 'isp', 'unit', '3', 'holdoff', '3', '$(reboot)', '*']);
      rmSync(log);
      ground.down('ppp', extra);
      assert.deepEqual(called(), ['poff', 'isp']);
      rmSync(log);
      ground.down('ppp', extra);
      assert.deepEqual(called(), []);
    });

    it('wvdial and bootp call theirs as ifupdown does', () => {
      using ground = new Ground(shell);
      const { standIns, log } = programs(ground, ['start-stop-daemon', 'bootpc']);
      const called = () => {
        const words = readFileSync(log, 'utf8').trim().split('\n').join(' ');
        rmSync(log);
        return words;
      };
      ground.up('wvdial', { provider: 'isp' }, { interface: 'ppp0', standIns });
      assert.equal(
        called(),
        'start-stop-daemon --start -x /usr/bin/wvdial -p /run/wvdial.ppp0.pid -b -m -- isp',
      );
      ground.down('wvdial', { interface: 'ppp0', standIns });
      assert.equal(called(), 'start-stop-daemon --stop -x /usr/bin/wvdial -p /run/wvdial.ppp0.pid -s 2');
      ground.up('bootp', { bootfile: 'boot/x', server: '192.0.2.1' }, { standIns });
      assert.equal(
        called(),
        'bootpc --bootfile boot/x --dev near --server 192.0.2.1 --returniffail --serverbcast',
      );
      ground.ip('link set near up');
      ground.down('bootp', { standIns });
      assert.ok(!ground.isUp());
    });

    it('say which program failed, or that there is none', () => {
      using ground = new Ground(shell);
      const { standIns } = programs(ground, ['pon', 'poff'], 5);
      const failed = ground.method('ppp', 'up', {}, { interface: 'ppp0', standIns });
      assert.deepEqual([failed.status, failed.stderr], [1, 'ppp0: pon ended with status 5\n']);
      const missing = ground.method(
        'ppp',
        'up',
        { PATH: standIns.replace(/bin$/, 'none:/bin') },
        { interface: 'ppp1', handle: 'other' },
      );
      assert.equal(missing.status, 1);
      assert.match(missing.stderr, /^ppp1: there is no program pon\n$/);
    });

    it('refuse what is no name for them', () => {
      using ground = new Ground(shell);
      const { standIns, log } = programs(ground, ['pon', 'bootpc', 'start-stop-daemon']);
      for (const provider of ['-detach', '../../etc/shadow', 'a b', 'x\ny', '$(reboot)', 'x'.repeat(255)]) {
        for (const name of ['ppp', 'wvdial']) {
          const { status, stderr } = ground.method(name, 'up', { provider }, { interface: 'ppp0', standIns });
          assert.match(stderr, /^ppp0: option provider: '.*' is (no name|longer than)/);
          assert.equal(status, 1);
        }
      }
      assert.equal(ground.method('ppp', 'up', { unit: '-1' }, { interface: 'ppp0', standIns }).status, 1);
      assert.equal(ground.method('bootp', 'up', { server: '--help' }, { standIns }).status, 1);
      assert.ok(!existsSync(log));
    });
  });
}
