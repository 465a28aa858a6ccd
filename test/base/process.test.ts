import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { closeSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryFile } from '../../core/base/libc/files.ts';
import { SystemError } from '../../core/base/libc/library.ts';
import { Child, type Exited } from '../../core/base/process.ts';
import { alive, openDescriptors, until } from '../runner/hooks.ts';

/** Runs a shell line to its end, with its output. */
function shell(line: string, isolation: 'group' | 'session' | 'none' = 'group') {
  const output = memoryFile('test');
  let child: Child | undefined;
  const done = new Promise<Exited & { output: string; pid: number }>(resolve => {
    child = new Child(
      {
        path: '/bin/sh',
        argv: ['sh', '-c', line],
        environment: ['PATH=/usr/bin:/bin', 'GREETING=grüß'],
        stdio: [output, output, output],
        isolation,
      },
      exit => {
        const text = readFileSync(`/proc/self/fd/${output}`, 'utf8');
        closeSync(output);
        resolve({ ...exit, output: text, pid: child?.pid ?? 0 });
      },
    );
  });
  // A child alone does not keep this process alive.
  const alarm = setInterval(() => undefined, 1000);
  return { child: child!, done: done.finally(() => clearInterval(alarm)) };
}

describe('a child process', () => {
  it('reports its status, or the name of the signal that ended it', async () => {
    assert.deepEqual((await shell('exit 0').done).status, 0);
    assert.deepEqual((await shell('exit 255').done).status, 255);
    const { status, signal } = await shell('kill -KILL $$').done;
    assert.deepEqual({ status, signal }, { status: null, signal: 'SIGKILL' });
  });

  it('gets exactly the environment and arguments given, in UTF-8', async () => {
    assert.match(
      (await shell('env | sort; echo "$GREETING"').done).output,
      /^GREETING=grüß\nPATH=.*\nPWD=.*\n/,
    );
  });

  it('has its own process group or session, or its parent’s', async () => {
    const ids = async (isolation: 'group' | 'session' | 'none') => {
      const { output, pid } = await shell('ps -o pgid=,sid= -p $$', isolation).done;
      const [group, session] = output.trim().split(/ +/).map(Number);
      return { group: group === pid, session: session === pid };
    };
    assert.deepEqual(await ids('group'), { group: true, session: false });
    assert.deepEqual(await ids('session'), { group: true, session: true });
    assert.deepEqual(await ids('none'), { group: false, session: false });
  });

  it('that cannot start throws the error of exec by its name', () => {
    const start = (path: string, argv: string[] = [path], environment: string[] = []) => {
      try {
        new Child({ path, argv, environment, stdio: [], isolation: 'group' }, () => undefined);
        return undefined;
      } catch (error) {
        assert.ok(error instanceof SystemError);
        return error.errnoName;
      }
    };
    const text = join(tmpdir(), `process-test-${process.pid}`);
    writeFileSync(text, 'echo no first line\n', { mode: 0o755 });
    assert.equal(start('/no/such/file'), 'ENOENT');
    assert.equal(start('/etc/passwd'), 'EACCES');
    assert.equal(start(text), 'ENOEXEC');
    assert.equal(start('/bin/true', ['true'], ['A='.padEnd(300_000, 'x')]), 'E2BIG');
  });

  it('is reaped among many that end at once, and beside those of child_process', async () => {
    const theirs = Array.from(
      { length: 5 },
      () =>
        new Promise<number>(resolve =>
          execFile('/bin/sh', ['-c', 'exit 4'], error => resolve(Number(error?.code))),
        ),
    );
    const ours = Array.from({ length: 60 }, (_, n) => shell(`exit ${n}`).done);
    assert.deepEqual(
      (await Promise.all(ours)).map(({ status }) => status),
      Array.from({ length: 60 }, (_, n) => n),
    );
    assert.deepEqual(await Promise.all(theirs), [4, 4, 4, 4, 4]);
  });

  it('is signalled with its whole group', async () => {
    const { child, done } = shell('sleep 100 & echo $!; wait');
    await new Promise(resolve => setTimeout(resolve, 100));
    child.killGroup('SIGTERM');
    const { signal, output } = await done;
    assert.equal(signal, 'SIGTERM');
    await until(() => !alive(Number(output)), 'the background child has ended');
  });

  it('that is kept stays a zombie, so that its group can still be signalled, until it is released', async () => {
    const { child, done } = shell('sh -c "sleep 100" & echo $!');
    child.keep();
    const { output, status } = await done;
    assert.equal(status, 0);
    assert.match(readFileSync(`/proc/${child.pid}/status`, 'utf8'), /^State:\s*Z/m);
    assert.ok(alive(Number(output)));
    child.killGroup('SIGKILL');
    child.release();
    await until(() => !alive(Number(output)), 'the rest of the group has ended');
    assert.throws(() => readFileSync(`/proc/${child.pid}/status`), { code: 'ENOENT' });
  });

  it('leaves no descriptor open', async () => {
    await shell(':').done;
    const before = openDescriptors();
    for (let round = 0; round < 50; round++) await shell('exit 1').done;
    assert.equal(openDescriptors(), before);
  });
});
