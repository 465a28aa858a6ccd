import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ParsedFiles } from '../../../plugins/interfaces/cache.ts';
import { Folder } from '../../folder.ts';

/** Longer than a tick of the file system's clock: what was written before is settled. */
const settled = () => pause(200);

describe('parsed interfaces(5) files', () => {
  it('are parsed again only when something that was looked at has changed', async () => {
    using folder = new Folder({
      interfaces: 'source i.d/*\nsource-directory more\nauto a\n',
      'i.d/x': 'auto x\n',
    });
    const file = join(folder.path, 'interfaces');
    let parsed = 0;
    const files = new ParsedFiles('debian', () => {
      parsed++;
    });
    const autos = () => files.get(file).interfaces.classes.get('auto')?.join(' ');
    await settled();
    assert.equal(autos(), 'lo x a');
    assert.equal(autos(), 'lo x a');
    assert.equal(parsed, 1);
    for (const [change, expected] of [
      [() => folder.write('i.d/y', 'auto y\n'), 'lo x y a'],
      [() => folder.write('i.d/x', 'auto z\n'), 'lo z y a'],
      [() => mkdirSync(join(folder.path, 'more')), 'lo z y a'],
      [() => folder.write('more/m', 'auto m\n'), 'lo z y m a'],
      [() => rmSync(join(folder.path, 'i.d'), { recursive: true }), 'lo m a'],
      [() => writeFileSync(file, 'auto b\n'), 'lo b'],
    ] as const) {
      change();
      assert.equal(autos(), expected);
      await settled();
      autos();
      const before: number = parsed;
      autos();
      assert.equal(parsed, before);
    }
  });

  it('are kept while others write to a directory that a pattern only passes through', async () => {
    using folder = new Folder({ 'a/interfaces': 'source i.d/*\nauto a\n', 'a/i.d/x': 'auto x\n' });
    let parsed = 0;
    const files = new ParsedFiles('debian', () => {
      parsed++;
    });
    await settled();
    for (const name of ['b', 'c', 'd']) {
      folder.write(name, '');
      assert.deepEqual(files.get(join(folder.path, 'a/interfaces')).interfaces.classes.get('auto'), [
        'lo',
        'x',
        'a',
      ]);
    }
    assert.equal(parsed, 1);
    rmSync(join(folder.path, 'a/i.d'), { recursive: true });
    folder.write('a/i.d', 'no directory');
    assert.deepEqual(files.get(join(folder.path, 'a/interfaces')).interfaces.classes.get('auto'), [
      'lo',
      'a',
    ]);
  });

  it('see a change of the same size and time', async () => {
    using folder = new Folder({ interfaces: 'auto a\n' });
    const file = join(folder.path, 'interfaces');
    const files = new ParsedFiles('debian', () => undefined);
    const autos = () => files.get(file).interfaces.classes.get('auto')?.join(' ');
    const time = new Date('2026-01-01');
    utimesSync(file, time, time);
    await settled();
    assert.equal(autos(), 'lo a');
    writeFileSync(file, 'auto b\n');
    utimesSync(file, time, time);
    assert.equal(autos(), 'lo b');
    writeFileSync(file, 'auto c\n');
    assert.equal(autos(), 'lo c');
  });

  it('are never waited for: a pipe, a device and a directory are mistakes', () => {
    using folder = new Folder({ interfaces: 'source pipe\nsource /dev/zero\nsource .\nauto a\n' });
    execFileSync('mkfifo', [join(folder.path, 'pipe')]);
    const files = new ParsedFiles('debian', () => undefined);
    const { notices, complete, interfaces } = files.get(join(folder.path, 'interfaces'));
    assert.equal(complete, true);
    assert.deepEqual(interfaces.classes.get('auto'), ['lo', 'a']);
    const said = notices.map(({ message }) => message.replaceAll(folder.path, ''));
    assert.ok(said.includes('/pipe: Not a regular file'), said.join('\n'));
    assert.ok(said.includes('/dev/zero: Not a regular file'), said.join('\n'));
    assert.ok(
      said.some(message => message.endsWith('Is a directory')),
      said.join('\n'),
    );
  });
});
