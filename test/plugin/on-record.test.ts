import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileRecord } from '../../core/plugin/on-record.ts';
import { Folder } from '../folder.ts';

describe('the record of running plugins', () => {
  it('names the plugin whose code was running when the process was killed', function () {
    this.timeout(30_000);
    using folder = new Folder();
    const path = join(folder.path, 'running');
    const module = join(import.meta.dirname, '../../core/plugin/on-record.ts');
    const script = `
      import { FileRecord } from ${JSON.stringify(module)};
      const record = new FileRecord(${JSON.stringify(path)});
      record.open();
      record.set(record.set(record.slotOf('innocent')));
      const outer = record.set(record.slotOf('outer'));
      record.set(record.slotOf('endless'));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1100);
      process.kill(process.pid, 'SIGKILL');`;
    const child = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
    assert.equal(child.signal, 'SIGKILL', String(child.stderr));
    assert.equal(new FileRecord(path).open(), 'endless');
  });

  it('names nobody whose code had only just begun', () => {
    using folder = new Folder();
    const path = join(folder.path, 'running');
    const record = new FileRecord(path);
    record.open();
    record.set(record.slotOf('innocent'));
    assert.equal(new FileRecord(path).open(), undefined);
  });

  it('names nobody when no plugin was at work, and is removed at a clean stop', () => {
    using folder = new Folder();
    const path = join(folder.path, 'running');
    const record = new FileRecord(path);
    assert.equal(record.open(), undefined);
    for (let i = 0; i < 400; i++) record.set(record.set(record.slotOf(`plugin-${i}`)));
    assert.equal(readFileSync(path)[0], 0);
    record.set(record.slotOf('plugin-3'));
    assert.equal(readFileSync(path)[0], 4);
    record.remove();
    assert.ok(!existsSync(path));
    assert.equal(new FileRecord(path).open(), undefined);
  });
});
