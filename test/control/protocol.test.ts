import assert from 'node:assert/strict';
import { connect } from '../../core/control/client.ts';
import { Bench, openFiles, until } from './fake-backend.ts';
import { Raw } from './raw.ts';

const info = { method: 'org.varlink.service.GetInfo' };
const service = 'org.varlink.service';

describe('a connection to the control socket', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = new Bench();
    await bench.server.listen();
  });
  afterEach(() => bench.close());

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
      ...['', '.', '..', 'a/b', '../../etc', 'a b', 'a\nb', 'a\0LD_PRELOAD=x', 'x'.repeat(128)].map(
        (on): [string, string] => [
          `${JSON.stringify({ method: 'io.netconf.Emit', parameters: { event: 'x', interface: on } })}\0`,
          'interface',
        ],
      ),
      [
        `{"method":"io.netconf.Emit","parameters":{"event":"x","data":{"a":"${'x'.repeat(65_536)}"}}}\0`,
        'data',
      ],
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
      hint: /root and the user that netconfd runs as/,
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

  it('lets go of a subscriber that has finished sending, and hangs up while nothing happens', async () => {
    const raw = await Raw.open(bench.path);
    raw.socket.end(`${JSON.stringify({ method: 'io.netconf.Monitor', more: true })}\0`);
    await until(() => bench.server.counters.subscribers === 1);
    raw.close();
    await until(() => bench.server.counters.subscribers === 0);
    assert.equal(bench.server.counters.connections, 0);
  });
});
