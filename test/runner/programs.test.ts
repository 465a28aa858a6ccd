import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { Event } from '../../core/bus/event.ts';
import { failureOf } from '../../core/runner/failure.ts';
import { Programs } from '../../core/runner/programs.ts';
import { Folder } from '../folder.ts';
import { isRoot, needs } from '../setup.ts';
import { until } from '../until.ts';

const event = () => new Event(7, 'request.ifup', { source: 'control', interface: 'eth0' });

function script(folder: Folder, name: string, text: string): string {
  const path = folder.write(name, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

const programsIn = (folder: Folder) =>
  new Programs({ methods: [`${folder.path}/methods`], handles: `${folder.path}/interfaces` });

describe('programs of operations', () => {
  let folder: Folder;
  beforeEach(() => {
    folder = new Folder();
  });
  afterEach(() => folder[Symbol.dispose]());

  it('see the given environment and a PATH, nothing else, and their arguments and input', async () => {
    const path = script(folder, 'show', 'env | sort; echo "$1-$2"; cat');
    const run = await programsIn(folder).run({
      path,
      argv: ['a', 'b c'],
      environment: { IF_MTU: '1400', LD_PRELOAD: 'x' },
      input: 'line',
    });
    const lines = run.output.split('\n').filter(line => !/^(PWD|SHLVL|_|OLDPWD)=/.test(line));
    assert.deepEqual(lines, ['IF_MTU=1400', lines[1], 'a-b c', 'line']);
    assert.match(lines[1] ?? '', /^PATH=.*\/sbin/);
    assert.equal(failureOf(run), undefined);
  });

  it('end with their group when the deadline passes, and say so', async () => {
    const path = script(folder, 'slow', `(sleep 60; :) & echo $! > ${folder.path}/child; wait`);
    const run = await programsIn(folder).run({ path, environment: {}, deadline: 0.2 });
    assert.equal(run.timedOut, true);
    assert.match(failureOf(run) ?? '', /slow took longer than its deadline/);
    const child = readFileSync(`${folder.path}/child`, 'utf8').trim();
    await until('the end of the group', () => !existsSync(`/proc/${child}`) || isZombie(child));
  });

  it('end when their operation is aborted, and do not start afterwards', async () => {
    const abort = new AbortController();
    const path = script(folder, 'slow', `echo x >> ${folder.path}/began; exec sleep 60`);
    const runsFor = { interface: 'eth0', event: event(), signal: abort.signal };
    const programs = programsIn(folder);
    const run = programs.run({ path, environment: {} }, runsFor);
    const began = () => existsSync(`${folder.path}/began`) && readFileSync(`${folder.path}/began`, 'utf8');
    await until('its start', () => began() === 'x\n');
    abort.abort();
    assert.equal((await run).signal, 'SIGTERM');
    assert.match(failureOf(await programs.run({ path, environment: {} }, runsFor)) ?? '', /aborted/);
    assert.equal(readFileSync(`${folder.path}/began`, 'utf8'), 'x\n');
  });

  it('are found in the history under the event of their operation, failures too', async () => {
    const programs = programsIn(folder);
    const path = script(folder, 'bad', 'echo no such peer >&2; exit 3');
    await programs.run({ path, environment: {} }, { interface: 'eth0', event: event() });
    const [entry] = programs.history({ failed: true });
    assert.equal(entry?.event.id, 7);
    assert.deepEqual(
      entry?.runs.map(({ script, status, output }) => ({ script, status, output })),
      [{ script: path, status: 3, output: 'no such peer\n' }],
    );
  });

  it('are known by descent: a process below one belongs to its operation', async () => {
    const programs = programsIn(folder);
    const path = script(folder, 'nest', `sh -c 'echo $$ > ${folder.path}/pid; exec sleep 60'`);
    const abort = new AbortController();
    const runsFor = { interface: 'eth0', event: event(), signal: abort.signal };
    const run = programs.run({ path, environment: {} }, runsFor);
    const pid = await until('its child', () => {
      const file = `${folder.path}/pid`;
      return existsSync(file) && Number(readFileSync(file, 'utf8'));
    });
    assert.equal(programs.ancestor(pid)?.interface, 'eth0');
    assert.equal(programs.ancestor(process.pid), undefined);
    abort.abort();
    await run;
    assert.equal(programs.ancestor(pid), undefined);
  });

  it('of a directory run as run-parts runs them, and stop after the first failure where asked to', async () => {
    for (const name of ['b', 'a', 'c.dpkg-old', 'd'])
      script(folder, `parts/${name}`, `echo ${name} $1; test ${name} != b`);
    chmodSync(`${folder.path}/parts/d`, 0o644);
    script(folder, 'parts/z', 'echo z');
    const programs = programsIn(folder);
    const all = await programs.runParts(`${folder.path}/parts`, { environment: {}, argument: 'x' });
    assert.deepEqual(all.runs.map(run => run.output).join(''), 'a x\nb x\nz\n');
    assert.equal(all.failed?.script, `${folder.path}/parts/b`);
    const some = await programs.runParts(`${folder.path}/parts`, { environment: {}, exitOnError: true });
    assert.equal(some.runs.length, 2);
    assert.deepEqual(await programs.runParts(`${folder.path}/none`, { environment: {} }), { runs: [] });
  });

  it('of a method get its handle, and a method that is missing is named with the places', async () => {
    script(folder, 'methods/linux/static', 'echo "$MODE $IFACE $IF_ADDRESS" >> "$NETCONF_HANDLE"');
    const programs = programsIn(folder);
    const method = { interface: 'eth0', handle: 'inet-static', environment: { IF_ADDRESS: '10.0.0.1/24' } };
    assert.equal((await programs.runMethod('static', { mode: 'up', ...method })).status, 0);
    const kept = readFileSync(`${folder.path}/interfaces/eth0.d/inet-static`, 'utf8');
    assert.equal(kept, 'up eth0 10.0.0.1/24\n');
    assert.match(
      failureOf(await programs.runMethod('x', { mode: 'up', ...method })) ?? '',
      /no method x in /,
    );
    const bad = await programs.runMethod('static', { mode: 'up', ...method, handle: '../up' });
    assert.match(failureOf(bad) ?? '', /no name for a handle/);
  });

  it('do not run as root when somebody else could change them', async function () {
    needs(this, { root: true });
    assert.ok(isRoot);
    const path = script(folder, 'open', `touch ${folder.path}/ran`);
    chmodSync(path, 0o777);
    const run = await programsIn(folder).run({ path, environment: {} });
    assert.match(failureOf(run) ?? '', /writable by group and others/);
    assert.equal(existsSync(`${folder.path}/ran`), false);
  });
});

function isZombie(pid: string): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}
