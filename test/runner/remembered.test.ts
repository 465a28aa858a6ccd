import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HookDirectories } from '../../core/runner/directories.ts';
import { RememberedDirectories } from '../../core/runner/remembered.ts';
import { needs } from '../setup.ts';

/** Longer than what has changed is not remembered for. */
const calm = 150;
const wanted = { name: 'link.up', top: true };

describe('what is remembered of hook directories', () => {
  before(function () {
    needs(this, { root: true });
  });

  let top: string;
  let hooks: string;
  let remembered: RememberedDirectories;
  /** Asked of by nobody before: looks at everything. */
  const fresh = () => new HookDirectories(remembered.levels).select(wanted);
  const script = (path: string) => writeFileSync(path, '#!/bin/sh\n', { mode: 0o755 });
  const nextRun = () => new Promise(resolve => setImmediate(resolve));

  beforeEach(async () => {
    top = mkdtempSync(join(tmpdir(), 'remembered-'));
    hooks = join(top, 'etc/hooks.d');
    mkdirSync(join(hooks, 'link.up.d'), { recursive: true });
    script(join(hooks, 'link.up.d/10-a'));
    symlinkSync(join(top, 'etc'), join(top, 'link'));
    await sleep(150);
    remembered = new RememberedDirectories(
      new HookDirectories([join(top, 'link/hooks.d'), join(top, 'usr/hooks.d')]),
      0,
    );
  });
  afterEach(() => {
    remembered.close();
    rmSync(top, { recursive: true, force: true });
  });

  const changes: [what: string, change: () => void][] = [
    ['a script that comes', () => script(join(hooks, 'link.up.d/20-b'))],
    ['a script that goes', () => unlinkSync(join(hooks, 'link.up.d/10-a'))],
    ['a script that may not be executed any more', () => chmodSync(join(hooks, 'link.up.d/10-a'), 0o644)],
    ['a script that is somebody else’s', () => chownSync(join(hooks, 'link.up.d/10-a'), 65534, 65534)],
    ['a folder of events that comes', () => mkdirSync(join(hooks, 'link.d'))],
    ['a script of all events', () => script(join(hooks, '05-all'))],
    ['a directory above that others may write to', () => chmodSync(join(top, 'etc'), 0o777)],
    ['a directory high above that others may write to', () => chmodSync(top, 0o777)],
    [
      'a link on the way that leads elsewhere',
      () => {
        mkdirSync(join(top, 'other/hooks.d/link.up.d'), { recursive: true });
        script(join(top, 'other/hooks.d/link.up.d/30-c'));
        unlinkSync(join(top, 'link'));
        symlinkSync(join(top, 'other'), join(top, 'link'));
      },
    ],
    [
      'another directory in the place of one',
      () => {
        renameSync(join(top, 'etc'), join(top, 'old'));
        mkdirSync(join(top, 'etc/hooks.d/link.up.d'), { recursive: true });
        script(join(top, 'etc/hooks.d/link.up.d/40-d'));
      },
    ],
    [
      'a directory that was missing',
      () => {
        mkdirSync(join(top, 'usr/hooks.d/link.up.d'), { recursive: true });
        script(join(top, 'usr/hooks.d/link.up.d/50-e'));
      },
    ],
    ['a mask', () => symlinkSync('/dev/null', join(hooks, 'link.up.d/00-masked'))],
  ];

  it('is the same answer for as long as nothing changes', async () => {
    let before = remembered.select(wanted);
    for (let attempt = 0; attempt < 20; attempt++) {
      await sleep(calm);
      const now = remembered.select(wanted);
      if (now === before) return;
      before = now;
    }
    assert.fail('it was worked out anew each time');
  });

  for (const [what, change] of changes) {
    it(`notices ${what}, at once, and once more after that`, async () => {
      for (const _ of [1, 2]) {
        assert.deepEqual(remembered.select(wanted), fresh());
        await nextRun();
      }
      change();
      assert.deepEqual(remembered.select(wanted), fresh());
      assert.equal(remembered.wants(wanted), new HookDirectories(remembered.levels).wants(wanted));
      await sleep(calm);
      assert.deepEqual(remembered.select(wanted), fresh());
    });
  }

  it('notices a file system that is mounted over a directory, and one that is taken away', async () => {
    for (const change of [
      ['mount', '-t', 'tmpfs', 'none', join(hooks, 'link.up.d')],
      ['umount', join(hooks, 'link.up.d')],
    ]) {
      remembered.select(wanted);
      await nextRun();
      execFileSync(change[0]!, change.slice(1));
      assert.deepEqual(remembered.select(wanted), fresh());
      await sleep(calm);
    }
  });

  it('notices a directory that goes while somebody is in it, and comes anew', async () => {
    rmSync(join(hooks, 'link.up.d'), { recursive: true });
    await sleep(150);
    remembered.select(wanted);
    await sleep(calm);
    remembered.select(wanted);
    await nextRun();
    const child = execFileSync('sh', [
      '-c',
      'cd "$1"; rmdir "$1"; mkdir -p "$1/link.up.d"; cp /bin/true "$1/link.up.d/60-f"',
      'sh',
      hooks,
    ]);
    assert.equal(child.length, 0);
    assert.deepEqual(remembered.select(wanted), fresh());
    assert.equal(remembered.select(wanted).scripts.length, 1);
  });

  it('asks the directories each time where others may change what lies there', async () => {
    chmodSync(top, 0o777);
    for (const _ of [1, 2]) {
      assert.deepEqual(remembered.select(wanted), fresh());
      await sleep(calm);
    }
  });
});
