import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OperationResult } from '../../core/control/api.ts';
import { connect } from '../../core/control/client.ts';
import { fill, programs } from '../daemon.ts';
import { Folder } from '../folder.ts';
import { needs } from '../setup.ts';
import { until } from '../until.ts';
import { address, alone, type WorldFile, wait, worldPlugin } from './world.ts';

const module = new URL('../../core/standalone.ts', import.meta.url).pathname;

describe('operations without a daemon', () => {
  const netns = `ncsa${process.pid}`;
  let folder: Folder;
  before(function () {
    needs(this, { root: true, programs: ['ip'] });
    execFileSync('ip', ['netns', 'add', netns]);
  });
  after(() => {
    if (existsSync(`/run/netns/${netns}`)) execFileSync('ip', ['netns', 'del', netns]);
  });
  beforeEach(() => {
    folder = new Folder();
    fill(join(folder.path, 'plugins'), { 'world.mjs': worldPlugin(folder.path) });
    execFileSync('ip', ['-n', netns, 'link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'far']);
  });
  afterEach(() => {
    execFileSync('ip', ['-n', netns, 'link', 'del', 'near']);
    folder[Symbol.dispose]();
  });

  const world = (file: WorldFile) => writeFileSync(join(folder.path, 'world.json'), JSON.stringify(file));
  const addresses = () =>
    execFileSync('ip', ['-n', netns, '-o', 'address', 'show', 'near'], { encoding: 'utf8' });

  /** A process of its own in the namespace that does one operation and prints its result. */
  function start(request: 'ifup' | 'ifdown'): ChildProcess {
    const directories = { plugins: [join(folder.path, 'plugins')], hooks: [join(folder.path, 'hooks.d')] };
    const options = {
      ...directories,
      config: join(folder.path, 'alone.json'),
      socket: join(folder.path, 'control'),
    };
    writeFileSync(options.config, alone);
    const text = `import { standalone } from ${JSON.stringify(module)};
      const netconf = await standalone(${JSON.stringify(options)});
      console.log(JSON.stringify(await netconf.operate('${request}', { interface: 'near' })));
      await netconf.close();`;
    const node = [process.execPath, '--import', 'tsx/esm', '--input-type=module', '-e', text];
    return spawn('ip', ['netns', 'exec', netns, ...node], { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  async function run(request: 'ifup' | 'ifdown'): Promise<OperationResult> {
    const child = start(request);
    let output = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    await new Promise(resolve => child.once('close', resolve));
    return (JSON.parse(output) as OperationResult[])[0]!;
  }

  it('do the same, one process after the other, and wait for the hook scripts', async () => {
    world({ stanzas: { near: [address('192.0.2.1/24')] } });
    fill(join(folder.path, 'hooks.d'), {
      'interface.configured.d/slow': `#!/bin/sh\nsleep 0.5\necho "$IFACE" > ${folder.path}/hooked\n`,
    });
    assert.equal((await run('ifup')).state, 'configured');
    assert.match(addresses(), /192\.0\.2\.1\/24/);
    assert.equal(readFileSync(join(folder.path, 'hooked'), 'utf8'), 'near\n');
    assert.equal((await run('ifup')).state, 'already');
    assert.equal((await run('ifdown')).state, 'deconfigured');
    assert.doesNotMatch(addresses(), /192\.0\.2\.1/);
    assert.deepEqual(readdirSync(join(folder.path, 'interfaces')), ['running']);
  });

  it('finish what a process that was killed had begun', async () => {
    world({ stanzas: { near: [address('192.0.2.1/24'), wait] } });
    const child = start('ifup');
    const record = join(folder.path, 'interfaces', 'near.json');
    await until('the step', () => existsSync(record) && readFileSync(record, 'utf8').includes('"Wait"'));
    const pids = execFileSync('ip', ['netns', 'pids', netns], { encoding: 'utf8' }).trim().split('\n');
    for (const pid of pids) process.kill(Number(pid), 'SIGKILL');
    await new Promise(resolve => child.once('close', resolve));
    world({ stanzas: { near: [address('192.0.2.1/24'), address('192.0.2.2/24')] } });
    assert.equal((await run('ifup')).state, 'configured');
    assert.match(addresses(), /192\.0\.2\.1\/24.*192\.0\.2\.2\/24/s);
  });

  it('leave an interface that a daemon knows and takes down, and the other way round', async () => {
    world({ stanzas: { near: [address('192.0.2.1/24')] } });
    assert.equal((await run('ifup')).state, 'configured');
    const socket = join(folder.path, 'control');
    const directories = [
      '--plugins',
      join(folder.path, 'plugins'),
      '--config',
      join(folder.path, 'alone.json'),
    ];
    const line = [programs.netconfd, '--socket', socket, ...directories, '--netns', netns];
    const daemon = spawn(process.execPath, line, { stdio: 'ignore' });
    const client = await until('the daemon', () => connect({ socket }).catch(() => undefined));
    const { interfaces = [] } = await client.callStatus({ parts: ['interfaces'] });
    assert.equal(interfaces.find(one => one.interface === 'near')?.state, 'configured');
    const { results } = await client.call('Down', { interface: 'near' });
    assert.equal(results?.[0]?.state, 'deconfigured');
    assert.equal((await client.call('Up', { interface: 'near' })).results?.[0]?.state, 'configured');
    client.close();
    daemon.kill();
    await new Promise(resolve => daemon.once('close', resolve));
    assert.match(addresses(), /192\.0\.2\.1/);
    assert.equal((await run('ifdown')).state, 'deconfigured');
    assert.doesNotMatch(addresses(), /192\.0\.2\.1/);
  });
});
