import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HookDirectories } from '../../core/runner/directories.ts';
import { isRoot, needs, skip } from '../setup.ts';
import { Bench } from './hooks.ts';

describe('hook directories', () => {
  let bench: Bench;
  let directories: HookDirectories;
  beforeEach(() => {
    bench = new Bench();
    directories = new HookDirectories([bench.etc, bench.usr]);
  });
  afterEach(() => bench.close());

  const short = (path: string) => path.slice(bench.top.length + 1);
  const select = (name: string, top = true) => directories.select({ name, top }).scripts.map(short);
  const why = (name: string, top = true) =>
    Object.fromEntries(
      directories
        .select({ name, top })
        .excluded.map(({ script, reason }) => [short(script), reason.replaceAll(`${bench.top}/`, '')]),
    );
  /** Ends the run of JavaScript that shares one look at the directories. */
  const later = () => new Promise<void>(resolve => setImmediate(resolve));

  it('run in the order hooks.d, family, name, each in byte order across the levels', () => {
    for (const name of ['B', 'a', '10']) bench.script(name, '');
    bench.script(join(bench.usr, '20'), '');
    bench.script('link.d/1', '');
    bench.script(join(bench.usr, 'link.d/0'), '');
    bench.script('link.up.d/0', '');
    bench.script('link.down.d/0', '');
    assert.deepEqual(select('link.up'), [
      'etc/10',
      'usr/20',
      'etc/B',
      'etc/a',
      'usr/link.d/0',
      'etc/link.d/1',
      'etc/link.up.d/0',
    ]);
    assert.deepEqual(select('link.up', false), ['usr/link.d/0', 'etc/link.d/1', 'etc/link.up.d/0']);
  });

  it('run a directory once when the name is its own family', () => {
    bench.script('backup.d/1', '');
    assert.deepEqual(select('backup'), ['etc/backup.d/1']);
  });

  it('let the first level win for one name, and say so', () => {
    bench.script('10-a', '');
    bench.script(join(bench.usr, '10-a'), '');
    assert.deepEqual(select('x'), ['etc/10-a']);
    assert.deepEqual(why('x'), { 'usr/10-a': 'overridden by etc/10-a' });
  });

  it('keep both levels apart by directory: one name in hooks.d does not override one in link.d', () => {
    bench.script('10-a', '');
    bench.script(join(bench.usr, 'link.d/10-a'), '');
    assert.deepEqual(select('link.up'), ['etc/10-a', 'usr/link.d/10-a']);
  });

  it('take out what a link to /dev/null masks, in both levels, whatever its name', () => {
    bench.script(join(bench.usr, '10-a'), '');
    bench.script(join(bench.usr, 'link.d/10-b'), '');
    mkdirSync(join(bench.etc, 'link.d'));
    symlinkSync('/dev/null', join(bench.etc, '10-a'));
    symlinkSync('/dev/null', join(bench.etc, 'link.d/10-b'));
    symlinkSync('/dev/null', join(bench.etc, 'odd.name'));
    assert.deepEqual(select('link.up'), []);
    assert.match(why('link.up')['etc/10-a'] ?? '', /^masked/);
    assert.match(why('link.up')['usr/10-a'] ?? '', /^masked/);
    assert.match(why('link.up')['usr/link.d/10-b'] ?? '', /^masked/);
    assert.match(why('link.up')['etc/odd.name'] ?? '', /^masked/);
  });

  it('take a whole folder of the lower levels out by a link to /dev/null of its name', () => {
    bench.script(join(bench.usr, 'link.d/10-b'), '');
    symlinkSync('/dev/null', join(bench.etc, 'link.d'));
    assert.deepEqual(select('link.up'), []);
  });

  it('override by a file that is not executable: nothing of that name runs', () => {
    bench.script('10-a', '', 0o644);
    bench.script(join(bench.usr, '10-a'), '');
    assert.deepEqual(select('x'), []);
    assert.match(why('x')['etc/10-a'] ?? '', /not executable/);
  });

  it('say of each other file why it does not run', () => {
    bench.script('a.sh', '');
    bench.script('README', '', 0o644);
    symlinkSync('nowhere', join(bench.etc, 'gone'));
    symlinkSync('/etc', join(bench.etc, 'folder-link'));
    symlinkSync('/dev/zero', join(bench.etc, 'device'));
    mkdirSync(join(bench.etc, 'folder'));
    assert.deepEqual(select('x'), []);
    assert.deepEqual(why('x'), {
      'etc/README': 'not executable: chmod +x',
      'etc/a.sh': 'its name has other characters than letters, digits, _ and -',
      'etc/device': 'not a plain file',
      'etc/folder-link': 'a link to a directory',
      'etc/gone': 'gone, or a link to something that does not exist',
    });
  });

  it('see a script that is added, removed, or made executable, at the next event', async () => {
    assert.equal(directories.wants({ name: 'link.up', top: true }), false);
    await later();
    const one = bench.script('10-a', '');
    assert.equal(directories.wants({ name: 'link.up', top: true }), true);
    assert.deepEqual(select('link.up'), ['etc/10-a']);
    chmodSync(one, 0o644);
    assert.deepEqual(select('link.up'), []);
    await later();
    unlinkSync(one);
    assert.equal(directories.wants({ name: 'link.up', top: true }), false);
    await later();
    bench.script('link.up.d/1', '');
    assert.deepEqual(select('link.up'), ['etc/link.up.d/1']);
    await later();
    rmSync(join(bench.etc, 'link.up.d'), { recursive: true });
    assert.deepEqual(select('link.up'), []);
  });

  it('see every one of many changes in quick succession', async () => {
    for (let round = 0; round < 200; round++) {
      const path = bench.script(`link.d/${round}`, '');
      await later();
      assert.deepEqual(select('link.up', false), [`etc/link.d/${round}`]);
      unlinkSync(path);
      await later();
      assert.deepEqual(select('link.up', false), []);
    }
  });

  it('are empty where they are missing, and appear when they are made', async () => {
    rmSync(bench.etc, { recursive: true });
    assert.deepEqual(select('link.up'), []);
    assert.deepEqual(directories.problems(), []);
    await later();
    bench.script('10-a', '');
    assert.deepEqual(select('link.up'), ['etc/10-a']);
  });

  it('are refused with the reason when they are a dangling link, or no directory', () => {
    rmSync(bench.etc, { recursive: true });
    symlinkSync(join(bench.top, 'nowhere'), bench.etc);
    bench.script(join(bench.usr, '10-a'), '');
    mkdirSync(join(bench.usr, 'x'));
    writeFileSync(join(bench.usr, 'y.d'), '');
    symlinkSync('nowhere', join(bench.usr, 'link.d'));
    assert.deepEqual(select('link.up'), ['usr/10-a']);
    const { excluded } = directories.select({ name: 'link.up', top: true });
    assert.deepEqual(
      excluded.filter(({ refused }) => refused).map(({ script }) => short(script)),
      ['etc', 'usr/link.d'],
    );
    assert.match(directories.problems()[0] ?? '', /a link to something that does not exist/);
    const ofLink = excluded.filter(({ script }) => short(script) === 'usr/link.d');
    assert.equal(ofLink.length, 1);
    assert.match(ofLink[0]?.reason ?? '', /a link to something that does not exist/);
  });

  it('are refused with the reason when they cannot be read', function () {
    if (isRoot) skip(this, 'root may read every directory');
    bench.script('link.d/10-a', '');
    chmodSync(join(bench.etc, 'link.d'), 0);
    assert.match(why('link.up')['etc/link.d'] ?? '', /EACCES/);
    chmodSync(join(bench.etc, 'link.d'), 0o755);
  });

  it('refuse what others could change: file, directory, parent', function () {
    needs(this, { root: true });
    const script = bench.script('10-a', '');
    bench.script('link.d/10-b', '');
    chmodSync(script, 0o775);
    chmodSync(join(bench.etc, 'link.d'), 0o777);
    assert.deepEqual(select('link.up'), []);
    assert.deepEqual(why('link.up'), {
      'etc/10-a': 'etc/10-a is writable by group: chmod g-w etc/10-a',
      'etc/link.d/10-b': 'etc/link.d is writable by group and others: chmod go-w etc/link.d',
    });
    chmodSync(script, 0o755);
    chownSync(script, 1234, 0);
    assert.match(why('link.up')['etc/10-a'] ?? '', /belongs to user 1234/);
    chownSync(script, 0, 0);
    chmodSync(join(bench.etc, 'link.d'), 0o755);
    assert.deepEqual(select('link.up'), ['etc/10-a', 'etc/link.d/10-b']);
    chmodSync(bench.top, 0o770);
    assert.deepEqual(select('link.up'), []);
  });

  it('run a link to a script by the link’s name, when the way to the target is safe', function () {
    needs(this, { root: true });
    const target = bench.script(join(bench.top, 'lib/tool'), '');
    symlinkSync(target, join(bench.etc, '10-tool'));
    assert.deepEqual(select('x'), ['etc/10-tool']);
    chmodSync(join(bench.top, 'lib'), 0o777);
    assert.deepEqual(select('x'), []);
    assert.match(why('x')['etc/10-tool'] ?? '', /^lib is writable/);
  });
});
