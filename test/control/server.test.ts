import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ControlServer } from '../../core/control/server.ts';
import { Bench } from './fake-backend.ts';
import { Raw } from './raw.ts';

const info = { method: 'org.varlink.service.GetInfo' };
describe('the file of the control socket', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = new Bench();
    await bench.server.listen();
  });
  afterEach(() => bench.close());

  it('may be connected to by anybody, and is gone after closing', async () => {
    assert.equal(statSync(bench.path).mode & 0o777, 0o666);
    await bench.server.close();
    assert.equal(existsSync(bench.path), false);
    assert.equal(existsSync(`${bench.path}.lock`), false);
  });

  it('replaces the socket file of a daemon that was killed', async () => {
    await bench.server.close();
    spawnSync('python3', [
      '-c',
      'import socket,sys,os; s=socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); os._exit(9)',
      bench.path,
    ]);
    assert.ok(statSync(bench.path).isSocket());
    bench.server = bench.another();
    await bench.server.listen();
    const raw = await Raw.open(bench.path);
    assert.ok((await raw.ask(info))?.parameters);
    raw.close();
  });

  it('leaves a living daemon alone, one that knows no lock too', async () => {
    await assert.rejects(bench.another().listen(), { code: 'AlreadyRunning' });
    const raw = await Raw.open(bench.path);
    assert.ok((await raw.ask(info))?.parameters);
    raw.close();

    const foreign = createServer();
    const path = join(bench.directory, 'foreign');
    await new Promise<void>(resolve => foreign.listen(path, resolve));
    const ours = new ControlServer({ path, backend: bench.backend, log: bench.log });
    await assert.rejects(ours.listen(), { code: 'AlreadyRunning', message: new RegExp(path) });
    assert.ok(existsSync(path));
    foreign.close();
  });

  it('does not remove a file that is no socket, and refuses a path that does not fit', async () => {
    const at = (path: string) => new ControlServer({ path, backend: bench.backend, log: bench.log });
    const file = join(bench.directory, 'precious');
    writeFileSync(file, 'x');
    await assert.rejects(at(file).listen(), { code: 'BadSocket' });
    assert.ok(existsSync(file));
    await assert.rejects(at(join(bench.directory, 'x'.repeat(120))).listen(), {
      code: 'BadSocket',
      message: /107/,
    });
    mkdirSync(join(bench.directory, 'directory'));
    await assert.rejects(at(join(bench.directory, 'directory')).listen(), { code: 'BadSocket' });
  });

  it('goes to exactly one of many daemons that start at once over a stale socket', async function () {
    this.timeout(60_000);
    await bench.server.close();
    spawnSync('python3', [
      '-c',
      'import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])',
      bench.path,
    ]);
    const program = join(import.meta.dirname, 'racer.ts');
    const racers = Array.from({ length: 6 }, () =>
      spawn(process.execPath, ['--import', 'tsx', program, bench.path], {
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    );
    try {
      const said = await Promise.all(
        racers.map(
          racer => new Promise<string>(resolve => racer.stdout.once('data', data => resolve(`${data}`))),
        ),
      );
      assert.deepEqual(said.map(line => line.trim()).sort(), [
        ...Array(5).fill('AlreadyRunning'),
        'listening',
      ]);
      const raw = await Raw.open(bench.path);
      assert.ok((await raw.ask(info))?.parameters);
      raw.close();
    } finally {
      for (const racer of racers) racer.stdin.end();
      await Promise.all(racers.map(racer => new Promise(resolve => racer.once('close', resolve))));
    }
  });

  it('lies in a directory that is made for it, open to all under root whatever the mask', async () => {
    const mask = process.umask(0o077);
    const path = join(bench.directory, 'netns', 'blue', 'control');
    const server = new ControlServer({ path, backend: bench.backend, log: bench.log });
    try {
      await server.listen();
      const wanted = process.geteuid?.() === 0 ? 0o755 : 0o700;
      assert.equal(statSync(join(bench.directory, 'netns')).mode & 0o777, wanted);
      assert.equal(statSync(join(bench.directory, 'netns', 'blue')).mode & 0o777, wanted);
      assert.equal(statSync(path).mode & 0o777, 0o666);
    } finally {
      process.umask(mask);
      await server.close();
    }
  });
});
