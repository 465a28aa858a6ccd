import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { processStat } from '../../core/base/process-stat.ts';
import { startId } from '../../core/base/start-id.ts';
import { Register } from '../../core/runner/register.ts';
import { Folder } from '../folder.ts';
import { until } from '../until.ts';

/** Two processes in a group of their own; the second takes no notice of TERM. */
const pair = 'sh -c \'trap "" TERM; echo $$; while :; do sleep 1; done\' & wait';

/** The leader's and the other's process id. */
async function startPair(): Promise<[number, number]> {
  const child = spawn('sh', ['-c', pair], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const other = await new Promise<string>(resolve =>
    child.stdout.once('data', data => resolve(String(data))),
  );
  return [child.pid!, Number(other)];
}

const isAlive = (pid: number) => !['Z', undefined].includes(processStat(pid)?.state);

/** A process that is no more. */
const gone = () => ({ pid: spawnSync('true').pid, start: '1' });

describe('the register of programs that operations run', () => {
  it('ends what a killed process has left, with its whole group, by force where need be', async function () {
    this.timeout(20_000);
    using folder = new Folder();
    const register = new Register(join(folder.path, 'running'));
    const [leader, other] = await startPair();
    register.enter(leader, 'eth0');
    const file = join(folder.path, `running/${leader}`);
    const entry = JSON.parse(readFileSync(file, 'utf8'));
    // Ours still: nobody else ends it.
    assert.deepEqual(await register.endOrphans(), []);
    writeFileSync(file, JSON.stringify({ ...entry, keeper: gone() }));
    assert.deepEqual(await register.endOrphans('eth1'), []);
    assert.ok(isAlive(leader) && isAlive(other));
    assert.deepEqual(await register.endOrphans('eth0'), [leader]);
    await until('the end of both', () => !isAlive(leader) && !isAlive(other));
    assert.deepEqual(readdirSync(join(folder.path, 'running')), []);
  });

  it('believes no entry of another process by that number, of another start, or that is damaged', async () => {
    using folder = new Folder();
    const running = join(folder.path, 'running');
    mkdirSync(running, { mode: 0o700 });
    const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    const { start } = processStat(child.pid!)!;
    const entry = { interface: 'eth0', boot: startId(), start, keeper: gone() };
    const register = new Register(running);
    const file = join(running, String(child.pid));
    for (const text of [
      JSON.stringify({ ...entry, start: '1' }),
      JSON.stringify({ ...entry, boot: 'another 1' }),
      JSON.stringify({ ...entry, keeper: {} }),
      '{"interface":"eth0"',
      'null',
    ]) {
      writeFileSync(file, text);
      assert.deepEqual(await register.endOrphans(), [], text);
      assert.ok(isAlive(child.pid!), text);
      assert.ok(!existsSync(file), text);
    }
    // One that leads no group of its own: a group of this number would be somebody else's.
    const inOurs = spawn('sleep', ['60'], { stdio: 'ignore' });
    const own = { ...entry, start: processStat(inOurs.pid!)!.start };
    writeFileSync(join(running, String(inOurs.pid)), JSON.stringify(own));
    assert.deepEqual(await register.endOrphans(), []);
    assert.ok(isAlive(inOurs.pid!));
    for (const each of [child, inOurs]) each.kill('SIGKILL');
  });

  it('does without a place where it cannot be written', () => {
    using folder = new Folder({ file: '' });
    const undo = new Register(join(folder.path, 'file/running')).enter(process.pid, 'eth0');
    undo();
  });
});
