import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePrivate } from '../../core/base/private-file.ts';

describe('a file that is kept over a restart', () => {
  let top: string;

  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), 'private-'));
  });
  afterEach(() => rmSync(top, { recursive: true, force: true }));

  const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

  it("is its owner's alone, as is the directory that is made for it", () => {
    writePrivate(join(top, 'vpn/tun0.json'), 'one');
    assert.equal(modeOf(join(top, 'vpn')), '700');
    assert.equal(modeOf(join(top, 'vpn/tun0.json')), '600');
  });

  it('is replaced whole, and leaves nothing else behind', () => {
    const path = join(top, 'tun0.json');
    writePrivate(path, 'one');
    writePrivate(path, 'two');
    assert.equal(readFileSync(path, 'utf8'), 'two');
    assert.deepEqual(readdirSync(top), ['tun0.json']);
  });

  it('stays as it was where the new one cannot be written', () => {
    const path = join(top, 'tun0.json');
    writePrivate(path, 'one');
    mkdirSync(`${path}.new`);
    assert.throws(() => writePrivate(path, 'two'), /EISDIR/);
    assert.equal(readFileSync(path, 'utf8'), 'one');
  });
});
