import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Client, connect, type MonitorReply } from '../../core/control/client.ts';
import { Bench, until } from './fake-backend.ts';
import { Raw } from './raw.ts';

describe('Monitor', () => {
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

  const publish = (name: string, link?: string) =>
    bench.backend.bus.publish(name, { source: 'daemon', ...(link !== undefined && { interface: link }) });

  it('tells events by name, glob and interface', async () => {
    const seen: Record<string, string[]> = {};
    const watch = async (key: string, parameters: { names?: string[]; interfaces?: string[] }) => {
      const names: string[] = [];
      seen[key] = names;
      for await (const { event } of client.stream('Monitor', parameters)) {
        if (event?.name === 'z.end') return;
        names.push(event!.name);
      }
    };
    const all = Promise.all([
      watch('all', {}),
      watch('exact', { names: ['link.up', 'z.end'] }),
      watch('glob', { names: ['link.*', '?.end'] }),
      watch('interface', { interfaces: ['eth*'] }),
    ]);
    await until(() => bench.server.counters.subscribers === 4);
    publish('link.up', 'eth0');
    publish('link.down', 'wlan0');
    publish('link', 'eth1');
    publish('other');
    publish('z.end', 'eth9');
    await all;
    assert.deepEqual(seen, {
      all: ['link.up', 'link.down', 'link', 'other'],
      exact: ['link.up'],
      glob: ['link.up', 'link.down'],
      interface: ['link.up', 'link'],
    });
    await until(() => bench.server.counters.subscribers === 0);
  });

  it('begins with what exists when asked, and tells what happens meanwhile after it', async () => {
    bench.backend.replays = 5000;
    const ids: number[] = [];
    let replayed = 0;
    for await (const { event } of client.stream('Monitor', { names: ['link.added', 'late'], replay: true })) {
      if (replayed === 0) publish('late');
      ids.push(event!.id);
      if (event!.name === 'late') break;
      assert.equal(event!.replayed, true);
      replayed++;
    }
    assert.equal(replayed, 5000);
  });

  it('bounds a subscriber that never reads, tells it what it lost, and others get all of 100,000', async function () {
    this.timeout(120_000);
    const total = 100_000;
    const sleeper = await Raw.open(bench.path);
    sleeper.socket.pause();
    sleeper.send({ method: 'io.netconf.Monitor', more: true });
    await until(() => bench.server.counters.subscribers === 1);
    const awake = [1, 2].map(async () => {
      let events = 0;
      for await (const reply of client.stream('Monitor', {})) {
        assert.equal(reply.lost, undefined);
        if (++events === total) return events;
      }
      return events;
    });
    await until(() => bench.server.counters.subscribers === 3);
    const before = process.memoryUsage();
    let most = 0;
    for (let at = 0; at < total; at += 500) {
      for (let each = 0; each < 500; each++) {
        bench.backend.bus.publish('storm', {
          source: 'daemon',
          data: { at: at + each, text: 'x'.repeat(100) },
        });
      }
      // As the netlink source does: never longer in one turn than this. Readers here share the process.
      for (let turn = 0; turn < 4; turn++) await nextTurn();
      const { external, heapUsed } = process.memoryUsage();
      most = Math.max(most, external + heapUsed - before.external - before.heapUsed);
    }
    assert.deepEqual(await Promise.all(awake), [total, total]);
    // Its 25 MB were not kept for the sleeper. Most of this is rubbish that was not collected yet.
    assert.ok(most < 100 * 1024 * 1024, `${most} bytes`);
    assert.ok(bench.server.counters['events.lost']! > total / 2);

    sleeper.socket.resume();
    let told = 0;
    let lost = 0;
    while (told + lost < total) {
      const message = await sleeper.next();
      const reply = message?.parameters as MonitorReply;
      assert.equal(message?.continues, true);
      if (reply.lost !== undefined) lost += reply.lost;
      else assert.deepEqual((reply.event!.data as { at: number }).at, told++ + lost);
    }
    assert.equal(lost, bench.server.counters['events.lost']);
    publish('again');
    const { event } = (await sleeper.next())!.parameters as MonitorReply;
    assert.equal(event?.name, 'again');
    sleeper.close();
  });

  it('counts an event that cannot be made into JSON as lost, and goes on', async () => {
    const stream = client.stream('Monitor', {});
    const first = stream.next();
    await until(() => bench.server.counters.subscribers === 1);
    bench.backend.bus.publish('bad', { source: 'daemon', data: { n: 1n } });
    assert.deepEqual((await first).value, { lost: 1 });
    publish('good');
    assert.equal(((await stream.next()).value as MonitorReply).event?.name, 'good');
    await stream.return();
  });

  it('goes on for a peer that has only finished sending', async () => {
    const raw = await Raw.open(bench.path);
    raw.socket.allowHalfOpen = true;
    raw.socket.end('{"method":"io.netconf.Monitor","more":true}\0');
    await until(() => bench.server.counters.subscribers === 1);
    await new Promise(resolve => setTimeout(resolve, 50));
    publish('still.there');
    assert.match(JSON.stringify(await raw.next()), /still\.there/);
    raw.close();
    await until(() => {
      publish('anybody');
      return bench.server.counters.subscribers === 0;
    });
  });

  it('lets go of who pipelines without end behind it', async () => {
    const raw = await Raw.open(bench.path);
    raw.send({ method: 'io.netconf.Monitor', more: true });
    await until(() => bench.server.counters.subscribers === 1);
    raw.send('{"method":"org.varlink.service.GetInfo"}\0'.repeat(10_000));
    await until(() => bench.server.counters.subscribers === 0);
    raw.close();
  });
});
