import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { connect } from '../../core/control/client.ts';
import { needs } from '../setup.ts';
import { Bench, until } from './fake-backend.ts';
import { Raw } from './raw.ts';

const info = { method: 'org.varlink.service.GetInfo' };
const service = 'org.varlink.service';

/** Another user may not be let into the directories that the caller's own PATH begins with. */
const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

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

  it('let everything else have its turn, however many call however much', async () => {
    await open({});
    let ofThisTurn = 0;
    let most = 0;
    bench.backend.plugins = () => {
      most = Math.max(most, ++ofThisTurn);
      const end = performance.now() + 3;
      while (performance.now() < end);
      return [];
    };
    let running = true;
    const turn = () => {
      ofThisTurn = 0;
      if (running) setImmediate(turn);
    };
    turn();
    const raws = await Promise.all(Array.from({ length: 20 }, () => Raw.open(bench.path)));
    for (const raw of raws) raw.send(`${JSON.stringify({ method: 'io.netconf.Plugins' })}\0`.repeat(10));
    for (const raw of raws) for (let at = 0; at < 10; at++) assert.ok((await raw.next())?.parameters);
    running = false;
    assert.ok(most <= 2, `${most} long calls in one turn of the loop`);
    for (const raw of raws) raw.close();
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
    const client = await connect({ socket: bench.path });
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
