import assert from 'node:assert/strict';
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
      'interfaces',
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

  it('gives 100,000 routes whole and in order, and answers others between its parts', async function () {
    this.timeout(60_000);
    bench.backend.routes = someRoutes(100_000);
    const other = await connect({ socket: bench.path });
    await other.call('Status', { parts: ['links'] });
    const order: string[] = [];
    const large = client.callStatus().then(reply => {
      order.push('large');
      return reply;
    });
    await other.call('Status', { parts: ['links'] }).then(() => order.push('small'));
    const reply = await large;
    assert.deepEqual(order, ['small', 'large']);
    assert.deepEqual(
      reply.routes?.map(route => route.dst),
      bench.backend.routes.map(route => route.dst),
    );
    assert.equal(reply.daemon?.version, '1.2.3');
    other.close();
  });

  it('makes no more than a bounded part of the answer for who does not read it', async () => {
    let made = 0;
    const routes = someRoutes(100_000);
    bench.backend.status.routes = () => ({
      size: routes.length,
      items: (function* () {
        for (const route of routes) {
          made++;
          yield route;
        }
      })(),
    });
    const slow = await Raw.open(bench.path);
    slow.socket.pause();
    slow.send({ method: 'io.netconf.Status', more: true });
    await until(() => made > 0);
    let before = -1;
    while (made !== before) {
      before = made;
      await new Promise(resolve => setTimeout(resolve, 200));
    }
    assert.ok(made < 20_000, `${made} routes`);
    assert.equal((await client.call('Status', { parts: ['links'] })).links?.length, 1);
    slow.close();
    await until(() => bench.server.counters.connections === 1);
  });

  it('comes to an end over a live list that grows as fast as it is told', async () => {
    const [route] = someRoutes(1);
    bench.backend.status.routes = () => ({
      size: 10,
      items: (function* () {
        for (;;) yield route!;
      })(),
    });
    assert.ok((await client.callStatus()).routes!.length >= 10);
  });
});
