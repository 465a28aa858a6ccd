import assert from 'node:assert/strict';
import { allOver, begin, type Scenarios, tell } from '../../parallel.ts';
import { has, needs, skip } from '../../setup.ts';
import { until } from '../../until.ts';
import { Ground } from './ground.ts';

const own = '# of the administrator\nnameserver 192.0.2.1\n';
const interfaces =
  'iface e0 inet manual\n\tdns-nameservers 10.0.0.53\niface e1 inet manual\n\tdns-nameservers 10.1.0.53\n';
const written = ['nameserver 10.0.0.53'];

/** What is tried again some seconds later: all of them at once. */
const waiting: Scenarios = {
  'is as it was on a full disk, and written when there is room': async () => {
    const file = '/run/full/resolv.conf';
    const mounts = `mkdir /run/full; mount -t tmpfs -o size=64k tmpfs /run/full; cp /etc/resolv.conf ${file}`;
    await using ground = await new Ground({ interfaces, before: own, mounts, options: { file } }).begin();
    await ground.start();
    ground.inside('dd if=/dev/zero of=/run/full/big bs=1k 2>/dev/null || :');
    assert.equal((await ground.up('e0')).state, 'configured');
    assert.equal((await ground.up('e1')).state, 'configured');
    assert.equal(ground.text(file), own);
    assert.deepEqual(ground.inside('ls -A /run/full').trim().split('\n'), [
      'big',
      'resolv.conf',
      'resolv.conf.netconf-saved',
    ]);
    assert.equal(ground.count(/name service is as it was: ENOSPC/), 1);
    await ground.down('e1');
    ground.inside('rm /run/full/big');
    await until('it is written', () => ground.lines(file).join() === written.join());
    await ground.down('e0');
    assert.equal(ground.text(file), own);
  },

  'that is a mount of its own on a full disk is whole': async () => {
    const file = '/run/full/resolv.conf';
    const mounts = `
      mkdir /run/full; mount -t tmpfs -o size=64k tmpfs /run/full; cp /etc/resolv.conf ${file}
      mount --bind ${file} ${file}
    `;
    await using ground = await new Ground({ interfaces, before: own, mounts, options: { file } }).begin();
    await ground.start();
    ground.inside('dd if=/dev/zero of=/run/full/big bs=1k 2>/dev/null || :');
    assert.equal((await ground.up('e0')).state, 'configured');
    assert.equal(ground.text(file), own);
    ground.inside('rm /run/full/big');
    await until('it is written', () => ground.lines(file).join() === written.join());
  },

  'is as it was on a file system that cannot be written, which is said once': async () => {
    await using ground = await new Ground({ interfaces, before: own }).begin();
    ground.inside('mount -o remount,bind,ro /etc');
    await ground.start();
    for (const name of ['e0', 'e1']) assert.equal((await ground.up(name)).state, 'configured');
    await ground.down('e1');
    assert.equal(ground.text(), own);
    assert.equal(ground.count(/EROFS/), 1);
    ground.inside('mount -o remount,bind,rw /etc');
    await until('it is written', () => ground.lines().join() === written.join());
    await ground.says(/name service is in force again/);
  },
};

describe('resolv.conf when something goes wrong', function () {
  this.timeout(90_000);

  before(async function () {
    needs(this, { root: true, programs: ['ip', 'nsenter', 'unshare'] });
    await begin([waiting], 0);
  });
  after(allOver);

  tell(waiting);

  it('is not to be had where its directory is gone, and the interface is up all the same', async () => {
    await using ground = await new Ground({ interfaces, options: { file: '/nowhere/resolv.conf' } }).begin();
    await ground.start();
    assert.equal((await ground.up('e0')).state, 'configured');
    await ground.says(/name service is as it was: ENOENT/);
    assert.equal((await ground.down('e0')).state, 'deconfigured');
  });

  it('takes no option of a stanza that is none, and says where it stands', async () => {
    const text =
      'iface e0 inet manual\n\tdns-nameservers 10.0.0.53 10.0.0.256\n\tdns-search a..b ok.example\n\tdns-options ndots:99 rotate\n';
    await using ground = await new Ground({ interfaces: text }).begin();
    await ground.start();
    assert.equal((await ground.up('e0')).state, 'configured');
    assert.deepEqual(ground.lines(), ['nameserver 10.0.0.53', 'search ok.example', 'options rotate']);
    for (const what of [
      '"10.0.0.256" is refused: no address',
      '"a..b" is refused: no name',
      '"ndots:99" is refused: ndots takes a number from 0 to 15',
    ])
      await ground.says(new RegExp(`interfaces:1: dns-\\*: ${what.replaceAll('.', '\\.')}`));
  });

  it('is left alone where only a search list is known', async () => {
    const text = 'iface e0 inet manual\n\tdns-search office.example\n';
    await using ground = await new Ground({ interfaces: text, before: own }).begin();
    await ground.start();
    await ground.up('e0');
    assert.equal(ground.text(), own);
  });

  /** Where the daemon is ended: system calls that name the file, in the order in which they come. */
  const moments = {
    'is kept': ['link', 'linkat'],
    'is replaced': ['rename', 'renameat', 'renameat2'],
    'is written in place': ['pwrite64', 'write'],
    'is cut to its length': ['ftruncate'],
  };
  for (const [what, calls] of Object.entries(moments)) {
    it(`is one or the other when the daemon is killed while the file ${what}, and right after a restart`, async function () {
      if (!has('strace')) skip(this, 'needs strace');
      const inPlace = what.includes('place') || what.includes('cut');
      const mounts = inPlace ? 'cp /etc/resolv.conf /run/mine; mount --bind /run/mine /etc/resolv.conf' : '';
      await using ground = await new Ground({ interfaces, before: own, mounts }).begin();
      await ground.start();
      const died = await ground.dieAt(calls, '/etc/resolv.conf', () => ground.up('e0'));
      if (!died) skip(this, 'strace cannot end the daemon here');
      const left = ground.text();
      if (!inPlace) assert.ok(left === own || ground.lines().join() === written.join(), left);
      await ground.start();
      await ground.up('e0');
      await ground.reads(...written);
      assert.equal(ground.text('/etc/resolv.conf.netconf-saved'), own);
      await ground.down('e0');
      assert.equal(ground.text(), own);
      assert.deepEqual(ground.inside('ls /etc | grep ^resolv.conf'), 'resolv.conf\n');
    });
  }
});
