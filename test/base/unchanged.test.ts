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
import { Unchanged } from '../../core/base/unchanged.ts';
import { needs } from '../setup.ts';

describe('what tells whether paths are as they were', () => {
  let top: string;
  let unchanged: Unchanged;

  beforeEach(function () {
    needs(this, { root: true });
    top = mkdtempSync(join(tmpdir(), 'unchanged-'));
    mkdirSync(join(top, 'hooks/link.up.d'), { recursive: true });
    writeFileSync(join(top, 'hooks/link.up.d/10-x'), '', { mode: 0o755 });
    unchanged = new Unchanged();
  });

  afterEach(() => {
    unchanged?.close();
    rmSync(top, { recursive: true, force: true });
  });

  const add = (...paths: string[]) => {
    for (const path of paths) assert.ok(unchanged.add(join(top, path)), `${path} can be watched`);
    assert.equal(unchanged.changed, false);
  };

  it('does not mind what happens beside them, such as in /tmp', () => {
    add('hooks', 'hooks/link.up.d', 'hooks/link.up.d/10-x');
    const beside = mkdtempSync(join(tmpdir(), 'beside-'));
    chmodSync(beside, 0o700);
    rmSync(beside, { recursive: true });
    writeFileSync(join(top, 'other'), '');
    chmodSync(join(top, 'other'), 0o600);
    unlinkSync(join(top, 'other'));
    assert.equal(unchanged.changed, false);
  });

  it('tells when something is mounted on the way, and not of what is mounted beside it', () => {
    add('hooks', 'hooks/link.up.d');
    for (const [place, told] of [
      ['beside', false],
      ['hooks/link.up.d', true],
    ] as const) {
      const path = join(top, place);
      mkdirSync(path, { recursive: true });
      execFileSync('mount', ['-t', 'tmpfs', 'none', path]);
      try {
        assert.equal(unchanged.changed, told, place);
      } finally {
        execFileSync('umount', [path]);
      }
    }
  });

  const changes: Record<string, () => void> = {
    'a script loses its permission': () => chmodSync(join(top, 'hooks/link.up.d/10-x'), 0o644),
    'a script comes': () => writeFileSync(join(top, 'hooks/link.up.d/20-y'), ''),
    'a folder comes': () => mkdirSync(join(top, 'hooks/link.d')),
    'a script is replaced': () => {
      writeFileSync(join(top, 'new'), '');
      renameSync(join(top, 'new'), join(top, 'hooks/link.up.d/10-x'));
    },
    'a directory on the way goes to somebody else': () => chownSync(top, 1, 1),
    'a directory on the way is moved': () => {
      renameSync(top, `${top}.moved`);
      renameSync(`${top}.moved`, top);
    },
  };
  for (const [what, change] of Object.entries(changes)) {
    it(`tells when ${what}`, () => {
      add('hooks', 'hooks/link.up.d', 'hooks/link.up.d/10-x');
      change();
      assert.equal(unchanged.changed, true);
    });
  }

  it('tells when something that was missing appears, and does not rely on links that lead nowhere', () => {
    add('missing/hooks');
    symlinkSync(join(top, 'later'), join(top, 'link'));
    assert.equal(unchanged.add(join(top, 'link/hooks')), false);
    mkdirSync(join(top, 'missing'));
    assert.equal(unchanged.changed, true);
  });

  it('knows of what nobody trusts in a directory that it watches, and of nothing else untrusted', () => {
    writeFileSync(join(top, 'hooks/socket'), '');
    chmodSync(join(top, 'hooks/socket'), 0o666);
    symlinkSync('socket', join(top, 'hooks/link'));
    assert.equal(unchanged.add(join(top, 'hooks/socket')), false, 'the directory is not watched yet');
    add('hooks', 'hooks/socket');
    assert.equal(unchanged.add(join(top, 'hooks/link')), false, 'where it leads may change elsewhere');
    chmodSync(join(top, 'hooks/socket'), 0o644);
    assert.equal(unchanged.changed, true);
  });
});
