import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Client, connect } from '../../core/control/client.ts';
import { Bench, someRoutes, until } from './fake-backend.ts';
import { Raw } from './raw.ts';

describe('Status', () => {
  let bench: Bench;
  let client: Client;
  beforeEach(async () => {
    bench = new Bench();
    await bench.server.listen();
    client = await connect({ socket: bench.path });
  });
  afterEach(async () => {
    client.close();
    await bench.close();
  });

  it('is one reply where it is small, with the parts that exist', async () => {
    const raw = await Raw.open(bench.path);
    const reply = await raw.ask({ method: 'io.netconf.Status', more: true });
    assert.equal(reply?.continues, undefined);
    assert.deepEqual(Object.keys(reply!.parameters as object), [
      'links',
      'addresses',
      'routes',
      'rules',
      'daemon',
    ]);
    const part = await raw.ask({ method: 'io.netconf.Status', parameters: { parts: ['rules'] } });
    assert.deepEqual(part, { parameters: { rules: [] } });
    assert.deepEqual(await raw.ask({ method: 'io.netconf.Status', parameters: { parts: ['neighbours'] } }), {
      parameters: {},
    });
    raw.close();
  });

  it('wants more for a large answer, and then gives it in replies of at most 500 objects', async () => {
    bench.backend.routes = someRoutes(2000);
    const raw = await Raw.open(bench.path);
    const reply = await raw.ask({ method: 'io.netconf.Status' });
    assert.equal(reply?.error, 'org.varlink.service.ExpectedMore');
    let routes = 0;
    for await (const part of client.stream('Status', {})) {
      const count = (part.routes?.length ?? 0) + (part.links?.length ?? 0);
      assert.ok(count <= 500);
      routes += part.routes?.length ?? 0;
    }
    assert.equal(routes, 2000);
    raw.close();
  });

  it('gives 100,000 routes whole and in order, without holding the loop or the memory', async function () {
    this.timeout(60_000);
    bench.backend.routes = someRoutes(100_000);
    const reply = await client.callStatus();
    assert.deepEqual(
      reply.routes?.map(route => route.dst),
      bench.backend.routes.map(route => route.dst),
    );
    assert.equal(reply.daemon?.version, '1.2.3');

    const slow = await Raw.open(bench.path);
    slow.socket.pause();
    slow.send({ method: 'io.netconf.Status', more: true });
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await new Promise(resolve => setTimeout(resolve, 300));
    delay.disable();
    if (process.env.NODE_DEBUG?.includes('bench')) console.log(`${delay.max / 1e6} ms`);
    // Whoever does not read is not written for: others are served meanwhile.
    assert.equal((await client.call('Status', { parts: ['links'] })).links?.length, 1);
    slow.close();
    await until(() => bench.server.counters.connections === 1);
  });
});
