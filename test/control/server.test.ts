import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Client, connect } from '../../core/control/client.ts';
import { needs } from '../setup.ts';
import { Bench, openFiles, until } from './fake-backend.ts';
import { Raw } from './raw.ts';

const info = { method: 'org.varlink.service.GetInfo' };
const service = 'org.varlink.service';

/** Another user may not be let into the directories that the caller's own PATH begins with. */
const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

describe('the control socket', () => {
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
    const { ControlServer } = await import('../../core/control/server.ts');
    const ours = new ControlServer({ path, backend: bench.backend, log: bench.log });
    await assert.rejects(ours.listen(), { code: 'AlreadyRunning', message: new RegExp(path) });
    assert.ok(existsSync(path));
    foreign.close();
  });

  it('does not remove a file that is no socket, and refuses a path that does not fit', async () => {
    const { ControlServer } = await import('../../core/control/server.ts');
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

  it('answers each kind of malformed message and goes on', async () => {
    const raw = await Raw.open(bench.path);
    const wrong: [string, string][] = [
      ['not json\0', 'message'],
      ['\0', 'message'],
      ['[]\0', 'message'],
      ['null\0', 'message'],
      ['{"method":1}\0', 'method'],
      ['{"method":"noDot"}\0', 'method'],
      ['{"method":"io.netconf.Status","parameters":[]}\0', 'parameters'],
      ['{"method":"io.netconf.Status","parameters":"x"}\0', 'parameters'],
      ['{"method":"io.netconf.Status","more":"yes"}\0', 'more'],
      ['{"method":"io.netconf.Status","upgrade":true}\0', 'upgrade'],
      ['{"method":"io.netconf.Status","parameters":{"parts":"routes"}}\0', 'parts'],
      ['{"method":"io.netconf.Status","parameters":{"parts":["roads"]}}\0', 'parts'],
      ['{"method":"io.netconf.Status","parameters":{"part":["routes"]}}\0', 'part'],
      ['{"method":"io.netconf.Emit","parameters":{}}\0', 'event'],
      ['{"method":"io.netconf.Emit","parameters":{"event":"x","data":[1]}}\0', 'data'],
      [`${'['.repeat(100_000)}\0`, 'message'],
      [
        `{"method":"io.netconf.Emit","parameters":{"event":"x","data":${'{"a":'.repeat(70)}1${'}'.repeat(70)}}}\0`,
        'message',
      ],
    ];
    for (const [text, parameter] of wrong) {
      const reply = await raw.ask(text);
      assert.equal(reply?.error, `${service}.InvalidParameter`, text.slice(0, 60));
      assert.equal((reply!.parameters as { parameter: string }).parameter, parameter, text.slice(0, 60));
    }
    raw.socket.write(Buffer.from([0xff, 0xfe, 0x80, 0x01, 0]));
    assert.equal((await raw.next())?.error, `${service}.InvalidParameter`);
    assert.deepEqual(await raw.ask({ method: 'io.netconf.Nothing' }), {
      error: `${service}.MethodNotFound`,
      parameters: { method: 'io.netconf.Nothing' },
    });
    assert.deepEqual(await raw.ask({ method: 'com.example.Nothing' }), {
      error: `${service}.InterfaceNotFound`,
      parameters: { interface: 'com.example' },
    });
    assert.equal((await raw.ask({ method: 'io.netconf.Monitor' }))?.error, `${service}.ExpectedMore`);
    assert.equal((await raw.ask({ method: 'io.netconf.__proto__' }))?.error, `${service}.MethodNotFound`);
    assert.ok((await raw.ask(info))?.parameters);
    raw.close();
  });

  it('closes on 2 MiB without a NUL, saying why, and takes a message of just 1 MiB', async () => {
    const raw = await Raw.open(bench.path);
    const head = '{"method":"io.netconf.Emit","parameters":{"event":"big","data":{"x":"';
    const fits = `${head}${'y'.repeat(1024 * 1024 - head.length - 4)}"}}}`;
    assert.equal(Buffer.byteLength(fits), 1024 * 1024);
    assert.ok((await raw.ask(`${fits}\0`))?.parameters);
    raw.send('z'.repeat(2 * 1024 * 1024));
    assert.equal((await raw.next())?.error, `${service}.InvalidParameter`);
    assert.equal(await raw.next(), undefined);
    await until(() => bench.server.counters.connections === 0);
  });

  it('answers 1,000 pipelined calls in their order', async () => {
    const raw = await Raw.open(bench.path);
    const calls = Array.from({ length: 1000 }, (_, at) =>
      at % 3 === 0 ? `${service}.GetInfo` : at % 3 === 1 ? `x.y${at}` : 'io.netconf.Reload',
    );
    raw.send(calls.map(method => `${JSON.stringify({ method })}\0`).join(''));
    for (const [at] of calls.entries()) {
      const reply = await raw.next();
      if (at % 3 === 0) assert.equal((reply!.parameters as { product: string }).product, 'netconfd');
      if (at % 3 === 1) assert.equal(reply?.error, `${service}.InterfaceNotFound`);
      if (at % 3 === 2) assert.deepEqual(reply, { parameters: { file: null } });
    }
    raw.close();
  });

  it('stops reading from who calls faster than it answers, and answers all in the end', async () => {
    let release = () => {};
    const held = new Promise<void>(resolve => {
      release = resolve;
    });
    bench.backend.emitted = () => held;
    const raw = await Raw.open(bench.path);
    raw.send({ method: 'io.netconf.Emit', parameters: { event: 'slow' } });
    const count = 20_000;
    raw.send(`${JSON.stringify(info)}\0`.repeat(count));
    await new Promise(resolve => setTimeout(resolve, 300));
    assert.ok(raw.socket.writableLength > 0, 'the kernel would have taken everything');
    release();
    for (let at = 0; at <= count; at++) assert.ok((await raw.next())?.parameters);
    raw.close();
  });

  it('does a oneway call and answers nothing, not even an error', async () => {
    const raw = await Raw.open(bench.path);
    raw.send({ method: 'io.netconf.Emit', parameters: { event: 'quiet' }, oneway: true });
    raw.send({ method: 'io.netconf.Nothing', oneway: true });
    raw.send({ method: 'io.netconf.Monitor', oneway: true, more: true });
    assert.ok((await raw.ask(info))?.parameters);
    assert.equal(bench.backend.bus.published, 1);
    raw.close();
  });

  it('answers who has finished sending, and then closes', async () => {
    const raw = await Raw.open(bench.path);
    raw.socket.allowHalfOpen = true;
    raw.socket.end(`${JSON.stringify(info)}\0`.repeat(3));
    for (let at = 0; at < 3; at++) assert.ok((await raw.next())?.parameters);
    assert.equal(await raw.next(), undefined);
  });

  it('tells a failure of the daemon without its insides, and logs it', async () => {
    const raw = await Raw.open(bench.path);
    const reply = await raw.ask({ method: 'io.netconf.Explain', parameters: { event: 'x' } });
    assert.equal(reply?.error, 'io.netconf.Internal');
    assert.doesNotMatch(JSON.stringify(reply), /secret|\.ts/);
    assert.match(bench.logged.join(), /io\.netconf\.Explain: TypeError: secret/);
    raw.close();
  });

  it('asks for every call whether the peer may', async () => {
    const client = await connect({ socket: bench.path });
    bench.backend.verdict = ({ action }) =>
      action === 'MANAGE' ? { allow: false, reason: 'uid 0 may not manage today' } : { allow: true };
    await client.call('Status', {});
    await client.call('Emit', { event: 'a.b' });
    await assert.rejects(client.call('LoadPlugin', { name: 'wifi' }), {
      code: 'Denied',
      message: 'uid 0 may not manage today',
      hint: /MANAGE/,
    });
    await assert.rejects(client.call('Reload', {}), { code: 'Denied' });
    assert.deepEqual(
      bench.backend.requests.map(({ action, subject }) => [action, subject]),
      [
        ['READ', undefined],
        ['EMIT', 'a.b'],
        ['MANAGE', 'wifi'],
        ['MANAGE', undefined],
      ],
    );
    assert.equal(bench.backend.requests[0]!.peer.uid, process.getuid!());
    assert.equal(bench.backend.requests[0]!.peer.pid, process.pid);
    client.close();
  });

  it('gives back every file of 10,000 connections opened and closed', async function () {
    this.timeout(60_000);
    const before = openFiles();
    for (let round = 0; round < 100; round++) {
      const raws = await Promise.all(Array.from({ length: 100 }, () => Raw.open(bench.path)));
      for (const [at, raw] of raws.entries()) {
        if (at % 4 === 1) raw.send(info);
        if (at % 4 === 2) raw.send({ method: 'io.netconf.Monitor', more: true });
        if (at % 4 === 3) raw.send('{"method":"io.net');
        if (at % 8 < 4) raw.close();
      }
      for (const raw of raws) raw.close();
    }
    await until(() => bench.server.counters.connections === 0);
    await until(() => bench.server.counters.subscribers === 0);
    await until(() => openFiles() <= before);
  });

  it('lets go of a subscriber that hangs up while nothing happens', async () => {
    const raw = await Raw.open(bench.path);
    raw.send({ method: 'io.netconf.Monitor', more: true });
    await until(() => bench.server.counters.subscribers === 1);
    raw.close();
    await until(() => bench.server.counters.subscribers === 0);
    assert.equal(bench.server.counters.connections, 0);
  });
});

describe('the bounds of the control socket', () => {
  let bench: Bench;
  const open = async (limits: ConstructorParameters<typeof Bench>[0]) => {
    bench = new Bench(limits);
    await bench.server.listen();
  };
  afterEach(() => bench.close());

  it('refuse the connection too many with a sentence, and take new ones when old ones close', async () => {
    await open({ trusted: 3 });
    const raws = await Promise.all([1, 2, 3].map(() => Raw.open(bench.path)));
    const client = await connect({ socket: bench.path });
    await assert.rejects(client.call('Reload', {}), { code: 'Overloaded', message: /3 connections already/ });
    assert.equal(bench.server.counters['connections.refused'], 1);
    raws[0]!.close();
    await until(() => bench.server.counters.connections === 2);
    const again = await connect({ socket: bench.path });
    await again.call('Reload', {});
    again.close();
    for (const raw of raws) raw.close();
  });

  it('end a message that does not get finished, and leave silent connections alone', async () => {
    await open({ unfinished: 200 });
    const silent = await Raw.open(bench.path);
    const half = await Raw.open(bench.path);
    assert.ok((await half.ask(info))?.parameters);
    half.send('{"method":"');
    const trickle = setInterval(() => half.send('x'), 20);
    assert.equal(await half.next(), undefined);
    clearInterval(trickle);
    assert.ok((await silent.ask(info))?.parameters);
    silent.close();
  });

  it('let go of a peer that does not take its replies', async () => {
    await open({ stalled: 200 });
    const raw = await Raw.open(bench.path);
    raw.socket.pause();
    raw.send(
      `${JSON.stringify({ method: `${service}.GetInterfaceDescription`, parameters: { interface: 'io.netconf' } })}\0`.repeat(
        1000,
      ),
    );
    await until(() => bench.server.counters.connections === 1);
    await until(() => bench.server.counters.connections === 0);
    raw.close();
  });

  it('count strangers apart: 64 connections of nobody do not lock root out', async function () {
    needs(this, { root: true, programs: ['setpriv', 'python3'] });
    await open({});
    const program = `
import socket, sys, time
sockets = []
for at in range(70):
    s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); sockets.append(s)
refused = 0
for s in sockets[64:]:
    refused += b'io.netconf.Overloaded' in s.recv(4096)
print(refused, flush=True)
sys.stdin.read()
`;
    chmodSync(bench.directory, 0o755);
    const nobody = spawn(
      'setpriv',
      ['--reuid', '65534', '--regid', '65534', '--clear-groups', 'python3', '-c', program, bench.path],
      { stdio: ['pipe', 'pipe', 'inherit'], env },
    );
    assert.equal(
      await new Promise<string>(resolve => nobody.stdout.once('data', data => resolve(`${data}`.trim()))),
      '6',
    );
    assert.equal(bench.server.counters.connections, 64);
    const client: Client = await connect({ socket: bench.path });
    await client.call('Reload', {});
    client.close();
    nobody.stdin.end();
    await until(() => bench.server.counters.connections === 0);
  });

  it('know a peer of another user with its supplementary groups', async function () {
    needs(this, { root: true, programs: ['setpriv', 'python3'] });
    await open({});
    chmodSync(bench.directory, 0o755);
    const many = Array.from({ length: 100 }, (_, at) => 2000 + at);
    for (const groups of [[], [27, 100], many]) {
      bench.backend.requests.length = 0;
      const program = `
import socket, sys
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
s.sendall(b'{"method":"io.netconf.Reload"}\\0'); s.recv(4096)`;
      const option = groups.length === 0 ? ['--clear-groups'] : ['--groups', groups.join()];
      const run = spawn(
        'setpriv',
        ['--reuid', '65534', '--regid', '65533', ...option, 'python3', '-c', program, bench.path],
        { stdio: 'inherit', env },
      );
      await new Promise(resolve => run.once('close', resolve));
      const peer = bench.backend.requests[0]!.peer;
      assert.deepEqual([peer.uid, peer.gid, peer.pid], [65534, 65533, run.pid]);
      assert.deepEqual(
        peer.groups.sort((a, b) => a - b),
        groups,
      );
    }
  });
});
