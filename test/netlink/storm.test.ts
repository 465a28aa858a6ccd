import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { EventJson } from '../../core/bus/event.ts';
import { needs } from '../setup.ts';
import { Namespace, Observer } from './namespace.ts';

/** 100,000 changes: routes added and half of them deleted again. */
const added = 66_667;
const destination = (i: number) => `20.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
const storm = [
  ...Array.from({ length: added }, (_, i) => `route add ${destination(i)} via 10.0.0.2`),
  ...Array.from({ length: added >> 1 }, (_, i) => `route del ${destination(2 * i)} via 10.0.0.2`),
];

describe('the netlink source in a storm', function () {
  this.timeout(120_000);
  let namespace: Namespace;
  let observer: Observer | undefined;
  before(function () {
    needs(this, { root: true, programs: ['ip'] });
  });
  beforeEach(() => {
    namespace = new Namespace();
    namespace.ip('link add br0 type bridge');
    // No link-local address, whose routes would be counted too.
    namespace.ip('link set br0 addrgenmode none');
    namespace.ip('link set br0 up');
    namespace.ip('addr add 10.0.0.1/8 dev br0');
  });
  afterEach(async () => {
    await observer?.close();
    observer = undefined;
    namespace?.remove();
  });
  const mirrored = async (): Promise<string[]> => {
    const { routes } = await observer!.status();
    return routes
      .filter(({ dst }) => dst.startsWith('20.'))
      .map(({ dst, gateway }) => `${dst} ${gateway}`)
      .sort();
  };
  const kernel = (): string[] =>
    namespace
      .json<{ dst: string; gateway: string }[]>('route show root 20.0.0.0/8')
      .map(({ dst, gateway }) => `${dst} ${gateway}`)
      .sort();

  it('misses nothing with a large receive buffer', async () => {
    observer = await Observer.start(namespace, { receiveBuffer: 128 * 1024 * 1024, quiet: true });
    namespace.batch(storm);
    await settled();
    const { count } = await observer.counters();
    assert.equal(count['route.added'], added);
    assert.equal(count['route.removed'], added >> 1);
    assert.equal(count['netlink.overrun'], undefined);
    assert.deepEqual(await mirrored(), kernel());
  });

  it('repairs what overruns lost: differences as events between overrun and resynced, then equal to ip -j', async () => {
    observer = await Observer.start(namespace, { receiveBuffer: 64 * 1024 });
    const { name } = namespace;
    const batch = spawn('ip', ['netns', 'exec', name, 'ip', '-batch', '-'], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    batch.stdin.end(`${storm.join('\n')}\n`);
    await once(batch, 'close');
    await settled();
    const events = observer.events.filter(event => event.name.startsWith('route.') && !event.replayed);
    const overruns = observer.events.filter(event => event.name === 'netlink.overrun');
    const resynced = observer.events.filter(event => event.name === 'netlink.resynced');
    assert.ok(overruns.length >= 1, 'the storm did not overrun the buffer');
    assert.equal(resynced.length, overruns.length);
    const differences = resynced.map(event => event.data as { added: number; removed: number });
    assert.ok(differences.some(({ added, removed }) => added + removed > 0));
    assert.deepEqual(await mirrored(), kernel());
    assert.deepEqual(replayedBy(events), kernel());
  });

  it('repairs the links and addresses that came and went unheard, links first', async () => {
    observer = await Observer.start(namespace, { receiveBuffer: 4096 });
    namespace.ip('link add going type veth peer name gone');
    namespace.ip('addr add 10.3.0.1/24 dev going');
    await observer.event('address.added', event => event.interface === 'going');
    const from = observer.events.length;
    const asleep = observer.ask('sleep 2000');
    namespace.ip('link del going');
    for (let i = 0; i < 20; i++) namespace.ip(`link add come${i} type veth peer name peer${i}`);
    namespace.ip('link set come1 name renamed');
    namespace.ip('link set come19 up');
    namespace.ip('addr add 10.4.0.1/24 dev come19');
    await asleep;
    await observer.event('netlink.resynced', () => true, from);
    const told = observer.told(from);
    const order = (...lines: string[]) => {
      const places = lines.map(line => told.indexOf(line));
      assert.ok(!places.includes(-1), `${lines} in ${told}`);
      assert.deepEqual(
        places,
        [...places].sort((a, b) => a - b),
      );
    };
    order('netlink.overrun', 'link.added come19', 'address.added come19', 'netlink.resynced');
    order('address.removed going', 'link.removed going');
    const { links, addresses } = await observer.status();
    assert.deepEqual(
      links.map(({ ifname }) => ifname),
      namespace.json<{ ifname: string }[]>('link').map(({ ifname }) => ifname),
    );
    assert.ok(addresses.some(({ addr_info }) => addr_info.some(({ local }) => local === '10.4.0.1')));
    assert.ok(told.includes('link.added renamed') || told.includes('link.renamed renamed'));
  });

  it('does not ask for a hundred thousand other routes when one link goes down', async () => {
    namespace.batch(storm.slice(0, 20_000));
    namespace.ip('link add f0 type veth peer name f1');
    namespace.ip('link set f1 up');
    namespace.ip('link set f0 up');
    namespace.ip('addr add 30.0.0.1/24 dev f0');
    namespace.ip('route add 31.0.0.0/8 via 30.0.0.2');
    observer = await Observer.start(namespace);
    const before = await observer.counters();
    const from = observer.events.length;
    namespace.ip('link set f0 down');
    await observer.event('route.removed', event => (event.data as Gone).old.dst === '31.0.0.0/8', from);
    const removed = observer.events.slice(from).filter(({ name }) => name === 'route.removed');
    assert.ok(removed.length < 20);
    assert.ok((await observer.counters()).routes > 20_000);
    assert.equal(before.overruns, 0);
  });

  /** Until nothing has changed for a second and no overrun is open. */
  async function settled(): Promise<void> {
    for (let last = -1; ; ) {
      await new Promise(resolve => setTimeout(resolve, 1500));
      const { count, messages } = await observer!.counters();
      const isOpen = (count['netlink.overrun'] ?? 0) !== (count['netlink.resynced'] ?? 0);
      if (!isOpen && messages === last) return;
      last = messages;
    }
  }
});

interface Gone {
  old: { dst: string; gateway: string };
}

/** What a listener believes who has only heard the events. */
function replayedBy(events: readonly EventJson[]): string[] {
  const believed = new Set<string>();
  for (const { name, data } of events) {
    const { old, new: next } = data as { old?: Gone['old']; new?: Gone['old'] };
    if (old) {
      assert.ok(
        believed.delete(`${old.dst} ${old.gateway}`) || !old.dst.startsWith('20.'),
        `${name} ${old.dst}`,
      );
    }
    if (next?.dst.startsWith('20.')) {
      assert.ok(!believed.has(`${next.dst} ${next.gateway}`), `${name} ${next.dst} again`);
      believed.add(`${next.dst} ${next.gateway}`);
    }
  }
  return [...believed].sort();
}
