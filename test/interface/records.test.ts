import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { Log } from '../../core/base/log.ts';
import { lockInterface } from '../../core/interface/locks.ts';
import type { InterfaceRecord } from '../../core/interface/record.ts';
import { Records } from '../../core/interface/records.ts';
import { Folder } from '../folder.ts';
import { needs } from '../setup.ts';

describe('records of interfaces', () => {
  let folder: Folder;
  let told: string[];
  let records: Records;
  beforeEach(() => {
    folder = new Folder();
    told = [];
    const line = (message: string) => told.push(message);
    const log: Log = { error: line, warning: line, notice: line, info: line };
    records = new Records(`${folder.path}/interfaces`, log);
  });
  afterEach(() => folder[Symbol.dispose]());

  const made = (more: Partial<InterfaceRecord> = {}): InterfaceRecord => ({
    interface: 'eth0',
    logical: 'eth0',
    state: 'configured',
    since: 1,
    explicit: true,
    boot: records.boot,
    options: { class: 'auto', set: [['mtu', '1400']] },
    stanzas: [
      {
        stanza: {
          family: 'inet',
          method: 'static',
          step: 'Static',
          options: [['up', 'echo a\nb']],
          place: 'f:1',
        },
        parameters: { timeout: '60' },
        reached: 'done',
      },
    ],
    left: [],
    prerequisites: ['lo'],
    ...more,
  });

  it('come back as they were written, and only their owner may read them', () => {
    records.write(made());
    assert.deepEqual(records.read('eth0'), made());
    assert.equal(statSync(`${records.directory}/eth0.json`).mode & 0o777, 0o600);
    const changed = records.read('eth0')!;
    changed.prerequisites.push('changed');
    assert.deepEqual(records.read('eth0')?.prerequisites, ['lo']);
    assert.deepEqual(records.usersOf('lo'), ['eth0']);
  });

  it('change on a full disk, too, where nothing new has room', function () {
    needs(this, { root: true, programs: ['mount'] });
    mkdirSync(records.directory);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', records.directory]);
    try {
      const long = made({ state: 'configuring', message: 'x'.repeat(100) });
      records.write(long);
      const full = () => writeFileSync(`${records.directory}/big`, Buffer.alloc(128 * 1024));
      assert.throws(full, /ENOSPC/);
      records.write(made());
      assert.deepEqual(records.read('eth0'), made());
      assert.deepEqual(readdirSync(records.directory), ['big', 'eth0.json']);
      assert.throws(() => records.write(made({ interface: 'eth1' })), /ENOSPC/);
      assert.throws(() => records.write(made({ message: 'x'.repeat(8192) })), /ENOSPC/);
      assert.deepEqual(records.read('eth0'), made(), 'what has no room leaves the record as it was');
      assert.deepEqual(readdirSync(records.directory), ['big', 'eth0.json']);
      rmSync(`${records.directory}/big`);
      records.write(long);
      assert.deepEqual(records.read('eth0'), long);
    } finally {
      execFileSync('umount', [records.directory]);
    }
  });

  it('are not believed when they are damaged, about something else, or of an unknown shape', () => {
    records.makeDirectory();
    const cases: [string, string][] = [
      ['{"interface":"eth0"', 'JSON'],
      ['', 'JSON'],
      ['[]', 'Invalid'],
      [JSON.stringify(made({ interface: 'eth1' })), 'it is about eth1'],
      [JSON.stringify({ ...made(), state: 'broken' }), 'Invalid'],
      [JSON.stringify({ ...made(), prerequisites: ['../../etc'] }), 'Invalid'],
    ];
    for (const [text, why] of cases) {
      writeFileSync(`${records.directory}/eth0.json`, text);
      chmodSync(`${records.directory}/eth0.json`, 0o600);
      assert.equal(records.read('eth0'), undefined, text);
      assert.match(told.at(-1)!, /eth0\.json is not believed: /);
      assert.ok(told.at(-1)!.includes(why), told.at(-1));
    }
  });

  it('are not believed when somebody else could have written them', function () {
    needs(this, { root: true });
    records.write(made());
    const file = `${records.directory}/eth0.json`;
    chmodSync(file, 0o666);
    assert.equal(records.read('eth0'), undefined);
    assert.match(told.at(-1)!, /not believed: .* writable by group and others/);
    chmodSync(file, 0o600);
    chownSync(file, 65534, 65534);
    assert.equal(records.read('eth0'), undefined);
    assert.match(told.at(-1)!, /belongs to user 65534/);
  });

  it('are not put where somebody else could change them', function () {
    needs(this, { root: true });
    mkdirSync(records.directory);
    chownSync(records.directory, 65534, 65534);
    symlinkSync(`${folder.path}/else`, `${records.directory}/eth0.json.new`);
    assert.throws(() => records.write(made()), /interfaces belongs to user 65534, not to root/);
    assert.equal(existsSync(`${folder.path}/else`), false);
  });

  it('are about nothing that is left in another network namespace, as that of a container started anew', function () {
    needs(this, { root: true, programs: ['unshare'] });
    const module = new URL('../../core/interface/records.ts', import.meta.url).href;
    const elsewhere = `
      const { Records } = await import(${JSON.stringify(module)});
      const records = new Records(${JSON.stringify(records.directory)}, console);
      console.log(records.belief(records.read('eth0')));`;
    records.write(made());
    assert.equal(records.belief(records.read('eth0')!), 'agrees');
    const node = [process.execPath, '--import', 'tsx/esm', '--input-type=module', '--eval', elsewhere];
    assert.equal(execFileSync('unshare', ['--net', ...node], { encoding: 'utf8' }).trim(), 'other');
  });

  it('go with the handles of their methods', () => {
    records.write(made());
    mkdirSync(`${records.directory}/eth0.d`);
    writeFileSync(`${records.directory}/eth0.d/inet-static`, 'x');
    records.remove('eth0');
    assert.equal(records.read('eth0'), undefined);
    assert.deepEqual(records.names(), []);
    assert.throws(() => statSync(`${records.directory}/eth0.d`), { code: 'ENOENT' });
  });
});

describe('the lock of an interface', () => {
  it('that another holds for too long is told with its file; an aborted wait ends at once', async () => {
    using folder = new Folder();
    const nothing = () => undefined;
    const undo = await lockInterface(folder.path, 'eth0', 1000, undefined, nothing);
    await assert.rejects(lockInterface(folder.path, 'eth0', 50, undefined, nothing), {
      code: 'TimedOut',
      message: 'eth0: another process has been at work on it for 0.05 s',
    });
    const abort = new AbortController();
    const waiting = lockInterface(folder.path, 'eth0', 60_000, abort.signal, () => abort.abort());
    await assert.rejects(waiting);
    undo();
    (await lockInterface(folder.path, 'eth0', 0, undefined, nothing))();
  });
});
