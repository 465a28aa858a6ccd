import assert from 'node:assert/strict';
import { chmodSync, lchownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkTrust, type Trust } from '../../core/base/trust.ts';
import { needs } from '../setup.ts';

describe('trust', () => {
  let top: string;
  before(function () {
    needs(this, { root: true });
  });
  beforeEach(() => {
    top = mkdtempSync('/root/trust-');
    mkdirSync(join(top, 'a/b'), { recursive: true, mode: 0o755 });
    writeFileSync(join(top, 'a/b/file'), '', { mode: 0o755 });
    for (const part of ['', 'a', 'a/b', 'a/b/file']) chmodSync(join(top, part), 0o755);
  });
  afterEach(() => rmSync(top, { recursive: true, force: true }));

  const reason = (path: string, cache?: Map<string, Trust>) => {
    const trust = checkTrust(join(top, path), cache === undefined ? {} : { cache });
    return 'reason' in trust ? trust.reason.replaceAll(top, 'TOP') : undefined;
  };

  it('accepts a file of root whose parents are all root’s, and says where it lies', () => {
    assert.deepEqual(checkTrust(join(top, 'a//b/./../b/file')), { path: join(top, 'a/b/file') });
  });

  it('refuses a file that group or others may write, and says which chmod helps', () => {
    chmodSync(join(top, 'a/b/file'), 0o775);
    assert.equal(reason('a/b/file'), 'TOP/a/b/file is writable by group: chmod g-w TOP/a/b/file');
    chmodSync(join(top, 'a/b/file'), 0o757);
    assert.equal(reason('a/b/file'), 'TOP/a/b/file is writable by others: chmod o-w TOP/a/b/file');
    chmodSync(join(top, 'a/b/file'), 0o777);
    assert.equal(reason('a/b/file'), 'TOP/a/b/file is writable by group and others: chmod go-w TOP/a/b/file');
  });

  it('refuses a file below a directory that others may write, however deep', () => {
    chmodSync(join(top, 'a'), 0o777);
    assert.match(reason('a/b/file') ?? '', /^TOP\/a is writable by group and others/);
    chmodSync(join(top, 'a'), 0o770);
    assert.match(reason('a/b/file') ?? '', /^TOP\/a is writable by group:/);
  });

  it('accepts a sticky directory of root’s on the way, but no sticky file', () => {
    chmodSync(join(top, 'a'), 0o1777);
    assert.equal(reason('a/b/file'), undefined);
    chmodSync(join(top, 'a/b/file'), 0o1777);
    assert.match(reason('a/b/file') ?? '', /file is writable/);
  });

  it('refuses what belongs to somebody else: file, parent, or link', () => {
    lchownSync(join(top, 'a/b/file'), 1234, 0);
    assert.equal(
      reason('a/b/file'),
      'TOP/a/b/file belongs to user 1234, not to root: chown root TOP/a/b/file',
    );
    lchownSync(join(top, 'a/b/file'), 0, 0);
    symlinkSync('b/file', join(top, 'a/link'));
    assert.equal(reason('a/link'), undefined);
    lchownSync(join(top, 'a/link'), 1234, 0);
    assert.match(reason('a/link') ?? '', /belongs to user 1234, not to root: chown -h root/);
    lchownSync(join(top, 'a/b'), 1234, 0);
    assert.match(reason('a/b/file') ?? '', /^TOP\/a\/b belongs to user 1234/);
  });

  it('looks at every directory on the way to a link’s target, and at those of the links there', () => {
    mkdirSync(join(top, 'safe'));
    mkdirSync(join(top, 'open'));
    symlinkSync('../open/second', join(top, 'safe/first'));
    symlinkSync(join(top, 'a/b/file'), join(top, 'open/second'));
    assert.deepEqual(checkTrust(join(top, 'safe/first')), { path: join(top, 'a/b/file') });
    chmodSync(join(top, 'open'), 0o777);
    assert.match(reason('safe/first') ?? '', /^TOP\/open is writable/);
    chmodSync(join(top, 'open'), 0o755);
    chmodSync(join(top, 'a/b'), 0o777);
    assert.match(reason('safe/first') ?? '', /^TOP\/a\/b is writable/);
  });

  it('follows a link among the parents', () => {
    symlinkSync('a', join(top, 'short'));
    assert.deepEqual(checkTrust(join(top, 'short/b/file')), { path: join(top, 'a/b/file') });
    chmodSync(join(top, 'a'), 0o777);
    assert.match(reason('short/b/file') ?? '', /^TOP\/a is writable/);
  });

  it('refuses a dangling link, a loop of links and a missing file, each with its sentence', () => {
    symlinkSync('nowhere', join(top, 'dangling'));
    symlinkSync('two', join(top, 'one'));
    symlinkSync('one', join(top, 'two'));
    assert.equal(reason('dangling'), 'TOP/nowhere does not exist');
    assert.match(reason('one') ?? '', /more than 40 links/);
    assert.equal(reason('missing/file'), 'TOP/missing does not exist');
    assert.equal(reason('a/b/file/x'), 'TOP/a/b/file is not a directory');
    assert.match(reason('a'.repeat(300)) ?? '', /ENAMETOOLONG/);
    const relative = checkTrust('file');
    assert.ok('reason' in relative);
  });

  it('agrees with a fresh look when parents are shared between the files of one moment', () => {
    writeFileSync(join(top, 'a/b/other'), '', { mode: 0o755 });
    const cache = new Map<string, Trust>();
    assert.equal(reason('a/b/file', cache), undefined);
    assert.equal(reason('a/b/other', cache), undefined);
    assert.equal(cache.size, 1);
    chmodSync(join(top, 'a'), 0o777);
    const later = new Map<string, Trust>();
    assert.equal(reason('a/b/file', later), reason('a/b/file'));
    assert.equal(reason('a/b/other', later), reason('a/b/other'));
  });

  it('accepts everything for a process that is not root’s', () => {
    chmodSync(join(top, 'a/b/file'), 0o777);
    assert.deepEqual(checkTrust(join(top, 'a/b/file'), { root: false }), { path: join(top, 'a/b/file') });
  });
});
