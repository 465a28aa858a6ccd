import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs } from '../setup.ts';
import { Ground, methodsDirectory, shells } from './ground.ts';

before(function () {
  needs(this, { root: true, programs: ['ip', 'dash', 'busybox'] });
});

const office = { address: '192.0.2.2/24', gateway: '192.0.2.1', mtu: '1400' };

for (const shell of shells) {
  describe(`the handle of a method, under ${shell}`, () => {
    it('says in lines for a reader what was added, and what stood there before', () => {
      using ground = new Ground(shell);
      ground.up('static', { ...office, metric: '5' });
      assert.equal(
        ground.handleText(),
        [
          "# What netconf's method static added to near",
          '+ mtu 1400 was 1500',
          '+ link up',
          '+ address 192.0.2.2/24',
          '+ route default via 192.0.2.1 metric 5',
          '',
        ].join('\n'),
      );
    });

    it('does no harm when it is cut off anywhere', function () {
      this.timeout(60_000);
      using ground = new Ground(shell);
      ground.up('static', { ...office, metric: '100' });
      const text = ground.handleText() ?? '';
      ground.down('static');
      ground.ip('link set near up mtu 1400');
      ground.ip('address add 192.0.2.9/24 dev near');
      ground.ip('route add default via 192.0.2.1 metric 10');
      ground.ip('route add default via 192.0.2.1 metric 100');
      const before = ground.state();
      for (let length = 0; length < text.length; length += 3) {
        ground.writeHandle(text.slice(0, length));
        ground.method('static', 'down');
        // The MTU is what the handle says, and its former value is known as soon as the line is whole.
        ground.ip('link set near mtu 1400');
        assert.deepEqual(ground.state(), before, JSON.stringify(text.slice(0, length)));
      }
    });

    it('does no harm when it holds something else, and is written anew by the next change', () => {
      using ground = new Ground(shell);
      const junk = [
        '\n\n+\n- \n+ address\n+ address 10.0.0.1/8; reboot\n',
        '+ route default dev near\nroute flush table main\n+ route $(reboot) via 192.0.2.1\n',
        '+ sysctl net/ipv4/ip_forward 0 was 1\n+ sysctl net/ipv6/conf/near/../all/autoconf 1 was 0\n',
        '+ sysctl net/ipv6/conf/near/autoconf 1 was $(reboot)\n+ mtu 1500 was x\n+ mtu 1500\n+ hwaddress x was y\n',
        '+ link sideways\n+ note ; reboot\n+ device sit; reboot\n',
        `+ address ${'9'.repeat(70_000)}\n`,
      ];
      ground.ip('link set near up');
      ground.ip('address add 192.0.2.77/24 dev near');
      for (const text of [...junk.map(each => Buffer.from(each)), randomBytes(4096)]) {
        const before = ground.state();
        ground.writeHandle(text);
        const { status } = ground.method('static', 'down');
        assert.equal(status, 0);
        assert.deepEqual(ground.state(), before);
        ground.writeHandle(text);
        ground.up('static', office);
        assert.equal(
          (ground.handleText() ?? '').slice(0, 45),
          "# What netconf's method static added to near\n",
        );
        ground.down('static');
        assert.deepEqual(ground.state(), before);
      }
    });

    it('lets an end in the middle be taken back, wherever it comes', async function () {
      this.timeout(60_000);
      using ground = new Ground(shell);
      const before = ground.state();
      const options = {
        ...office,
        address: '192.0.2.2/24 198.51.100.2/24 203.0.113.2/24',
        hwaddress: 'random',
      };
      let cut = 0;
      for (let ms = 0; ms < 24; ms += 1.5) {
        const words = [...shell.split(' '), join(methodsDirectory, 'static')];
        const child = spawn('ip', ['netns', 'exec', ground.name, ...words], {
          env: ground.environment('up', Object.fromEntries(Object.entries(options))),
          stdio: 'ignore',
          detached: true,
        });
        const ended = once(child, 'exit');
        await new Promise(resolve => setTimeout(resolve, ms));
        try {
          process.kill(-child.pid!, 'SIGKILL');
        } catch {
          // It had ended by itself.
        }
        const [, signal] = await ended;
        if (signal !== null) cut++;
        if (ground.handleText() !== undefined) ground.down('static');
        assert.deepEqual(ground.state(), before, `cut off after ${ms} ms`);
        ground.up('static', options);
        ground.down('static');
        assert.deepEqual(ground.state(), before);
      }
      assert.ok(cut > 0);
    });
  });
}

describe('the handle of a method', () => {
  it('keeps the way back through changes: first values, not those between', () => {
    using ground = new Ground();
    const before = ground.state();
    ground.up('static', { ...office, hwaddress: '02:00:00:00:00:01' });
    ground.up('static', { ...office, mtu: '1300', hwaddress: '02:00:00:00:00:02' });
    ground.up('static', { address: '198.51.100.2/24', mtu: '1280' });
    ground.down('static');
    assert.deepEqual(ground.state(), before);
  });

  it('stays short, however often a lease changes', function () {
    this.timeout(60_000);
    using ground = new Ground();
    const before = ground.state();
    for (let count = 0; count < 130; count++)
      ground.up('static', {
        address: `192.0.2.${2 + (count % 9)}/24`,
        gateway: `192.0.2.${20 + (count % 7)}`,
      });
    assert.ok((ground.handleText() ?? '').split('\n').length < 210);
    ground.down('static');
    assert.deepEqual(ground.state(), before);
    assert.deepEqual(readdirSync(ground.directory), []);
  });

  it('must be writable before anything is changed', () => {
    using ground = new Ground();
    const before = ground.state();
    mkdirSync(ground.handle('folder'));
    writeFileSync(join(ground.handle('folder'), 'x'), '');
    for (const handle of ['folder', 'missing/handle']) {
      const { status, stderr } = ground.method('static', 'up', office, { handle });
      assert.equal(status, 1);
      assert.match(stderr, /^near: the handle .* cannot be written\n$/);
    }
    assert.deepEqual(ground.state(), before);
  });

  it('does not mix two stanzas of one interface', () => {
    using ground = new Ground();
    const before = ground.state();
    ground.up('static', { ...office, mtu: '' }, { handle: 'inet-static' });
    ground.up(
      'static',
      { address: '2001:db8::2/64', mtu: '1400' },
      { family: 'inet6', handle: 'inet6-static' },
    );
    ground.down('static', { family: 'inet6', handle: 'inet6-static' });
    assert.deepEqual(ground.addresses(), ['192.0.2.2/24']);
    ground.down('static', { handle: 'inet-static' });
    assert.deepEqual(ground.state(), before);
  });
});
