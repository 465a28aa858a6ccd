import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { commandOf, findProcess, hasArguments, isAlive, isGone, signal } from '../../core/base/processes.ts';
import { programPath } from '../../core/base/program-path.ts';
import { until } from '../until.ts';

describe('processes that others have started', () => {
  it('are found by their arguments, whatever stands before them, and are gone once they have ended', async () => {
    const argv = ['sleep 60; exit', `mark-${process.pid}`, ''];
    const child = spawn('/bin/sh', ['-c', ...argv], { stdio: 'ignore' });
    const pid = child.pid!;
    try {
      await until('the shell runs', () => hasArguments(pid, argv));
      assert.deepEqual(commandOf(pid), ['/bin/sh', '-c', ...argv]);
      assert.equal(
        findProcess(each => hasArguments(each, argv)),
        pid,
      );
      assert.equal(hasArguments(pid, argv.slice(0, -1)), false);
      assert.equal(hasArguments(pid, []), false);
      assert.equal(await isGone(pid, 20), false);
    } finally {
      const ended = once(child, 'exit');
      signal(pid, 'SIGKILL');
      await ended;
    }
    assert.ok(await isGone(pid, 1000));
    assert.equal(isAlive(pid), false);
    assert.equal(commandOf(pid), undefined);
    signal(pid, 'SIGTERM');
  });
});

describe('where a program is installed', () => {
  it('is told of one that may be run, and of no other', () => {
    assert.match(programPath('sh') ?? '', /^\/(usr\/)?bin\/sh$/);
    assert.equal(programPath('no-such-program'), undefined);
  });
});
