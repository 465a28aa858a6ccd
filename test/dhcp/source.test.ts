import assert from 'node:assert/strict';
import {
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../../core/base/log.ts';
import { startId } from '../../core/base/start-id.ts';
import { Bus } from '../../core/bus/bus.ts';
import type { DhcpReport } from '../../core/bus/lease.ts';
import { DhcpSource } from '../../core/dhcp/source.ts';
import { startDaemon } from '../daemon.ts';
import { Folder } from '../folder.ts';
import { needs } from '../setup.ts';
import { until } from '../until.ts';
import { bytesOf, recorded } from './replay.ts';
import { report } from './report.ts';

/** A source with a folder of its own for runtime files, below one that others cannot write to. */
class Listener implements Disposable {
  readonly folder = new Folder();
  readonly run = join(this.folder.path, 'run');
  readonly inbox = join(this.run, 'dhcp');
  readonly lines: string[] = [];
  readonly events: { name: string; data: DhcpReport; replayed: boolean }[] = [];
  #source: DhcpSource | undefined;

  start(links: readonly string[] = ['cl0'], wants?: (link: string) => boolean): DhcpSource {
    const line = (text: string) => this.lines.push(text);
    const log = { error: line, warning: line, notice: line, info: line } as unknown as Log;
    const bus = new Bus((_, __, error) => assert.fail(String(error)));
    bus.observe(({ name, data, replayed }) => this.events.push({ name, data: data as DhcpReport, replayed }));
    const indexOf = (name: string) => (links.includes(name) ? links.indexOf(name) + 1 : undefined);
    this.#source = new DhcpSource({ bus, run: this.run, log, indexOf, ...(wants && { wants }) });
    this.#source.start();
    return this.#source;
  }

  get names(): string[] {
    return this.events.map(({ name }) => name);
  }

  left(): string[] {
    return readdirSync(this.inbox);
  }

  [Symbol.dispose](): void {
    this.#source?.stop();
    this.folder[Symbol.dispose]();
  }
}

const dhclient = recorded('dhclient');

describe('the source of DHCP events', () => {
  it('adopts what lies there at the start, then tells what comes, in order, each once', async () => {
    using listener = new Listener();
    for (const record of dhclient.slice(0, 2)) report(listener.inbox, record);
    listener.start();
    assert.deepEqual(listener.names, ['dhcp.preinit', 'dhcp.bound']);
    report(listener.inbox, dhclient[2]!);
    await until('the release', () => listener.names.length === 3);
    assert.deepEqual(listener.names[2], 'dhcp.released');
    await until('an empty folder', () => listener.left().length === 0);
  });

  it('tells a thousand records that come at once, in order', async () => {
    using listener = new Listener();
    listener.start();
    const record = bytesOf(dhclient[1]!);
    for (let count = 0; count < 1000; count++) {
      const name = `000000001.${String(count).padStart(4, '0').slice(0, 2)}-${100 + (count % 100)}`;
      const bytes = Buffer.concat([Buffer.from(`new_dhcp_renewal_time=${count}\0`), record]);
      writeFileSync(join(listener.inbox, name), bytes, { mode: 0o600 });
    }
    await until('all', () => listener.events.length === 1000);
    assert.deepEqual(
      listener.events.map(({ data }) => data.lease!.renew),
      Array.from({ length: 1000 }, (_, count) => count),
    );
  });

  it('knows what is held after a restart, while the link is there and the lease lasts', () => {
    using listener = new Listener();
    listener.start().stop();
    report(listener.inbox, dhclient[1]!);
    listener.start().stop();
    listener.events.length = 0;
    const source = listener.start();
    assert.deepEqual(
      listener.events.map(({ name, replayed, data }) => [name, replayed, data.lease?.address]),
      [['dhcp.bound', true, '192.0.2.54']],
    );
    assert.equal(source.leases('cl0')[0]!.domain, 'example.test');
    source.stop();
    listener.events.length = 0;
    assert.deepEqual(listener.start(['other']).leases('cl0'), []);
    assert.deepEqual(listener.events, []);
  });

  it('believes neither leases nor records of another network namespace, or of before the start', () => {
    using listener = new Listener();
    report(listener.inbox, dhclient[1]!);
    listener.start().stop();
    const kept = join(listener.run, 'leases/cl0.inet.json');
    const lease = readFileSync(kept, 'utf8');
    for (const start of [startId().replace(/\d+$/, '1'), startId().replace(/^\S+/, 'another')]) {
      writeFileSync(kept, lease.replace(startId(), start));
      const old = Buffer.concat([Buffer.from(`NETCONF_DHCP_START=${start}\0`), bytesOf(dhclient[1]!)]);
      writeFileSync(join(listener.inbox, '000000001.00-100'), old, { mode: 0o600 });
      listener.events.length = 0;
      const source = listener.start();
      assert.deepEqual([listener.names, source.leases('cl0'), listener.left()], [[], [], []]);
      source.stop();
    }
    writeFileSync(kept, lease);
    assert.equal(listener.start().leases('cl0').length, 1);
  });

  it('goes on past kept leases of every bad kind, and keeps the good one', () => {
    using listener = new Listener();
    report(listener.inbox, dhclient[1]!);
    listener.start().stop();
    const good = readFileSync(join(listener.run, 'leases/cl0.inet.json'), 'utf8');
    const bad: readonly [name: string, content: string | Buffer][] = [
      ['a.inet.json', ''],
      ['b.inet.json', good.slice(0, -1)],
      ['c.inet.json', 'null'],
      ['d.inet.json', '[]'],
      ['e.inet.json', '"x"'],
      ['f.inet.json', Buffer.from([0xff, 0xfe, 0, 1])],
      ['g.inet.json', `{"x":"${'x'.repeat(1 << 20)}`],
      ['h.inet6.json', good],
      ['i.inet.json', good.replace(/"since":\d+/, '"since":"now"')],
      ['..inet.json', good],
      ['a b.inet.json', good],
    ];
    for (const [name, content] of bad) writeFileSync(join(listener.run, 'leases', name), content);
    mkdirSync(join(listener.run, 'leases/j.inet.json'));
    listener.events.length = 0;
    const names = [...bad.map(([name]) => name.replace(/\.inet6?\.json$/, '')), 'j'];
    const source = listener.start(['cl0', ...names]);
    assert.deepEqual(listener.names, ['dhcp.bound']);
    assert.equal(source.leases('cl0').length, 1);
  });

  it('names what is no record, once, and leaves it alone', async () => {
    using listener = new Listener();
    mkdirSync(listener.inbox, { recursive: true, mode: 0o700 });
    writeFileSync(join(listener.inbox, 'notes'), 'hello');
    mkdirSync(join(listener.inbox, '000000001.00-100'));
    symlinkSync('/etc/passwd', join(listener.inbox, '000000001.00-101'));
    writeFileSync(join(listener.inbox, '000000001.00-102'), Buffer.alloc((1 << 20) + 1));
    writeFileSync(join(listener.folder.path, 'mine'), bytesOf(dhclient[1]!));
    linkSync(join(listener.folder.path, 'mine'), join(listener.inbox, '000000001.00-103'));
    listener.start();
    report(listener.inbox, dhclient[1]!);
    await until('the record', () => listener.names.length === 1);
    assert.equal(listener.left().length, 5);
    const ignored = listener.lines.filter(line => line.includes('is ignored'));
    assert.equal(ignored.length, 5, listener.lines.join('\n'));
  });

  it('comes to an end with more that is no record than the log names', async () => {
    using listener = new Listener();
    for (let n = 0; n < 1100; n++) {
      mkdirSync(join(listener.inbox, `${100_000_001 + n}.00-100`), { recursive: true, mode: 0o700 });
    }
    writeFileSync(join(listener.inbox, '999999999.00-100'), bytesOf(dhclient[1]!));
    listener.start();
    await until('the record behind them', () => listener.names.length === 1);
  });

  it('takes nothing from another user', function () {
    needs(this, { root: true });
    using listener = new Listener();
    mkdirSync(listener.inbox, { recursive: true, mode: 0o700 });
    const path = join(listener.inbox, '000000001.00-100');
    writeFileSync(path, bytesOf(dhclient[1]!));
    chownSync(path, 65534, 65534);
    listener.start();
    assert.deepEqual(listener.names, []);
    assert.match(listener.lines.join(), /belongs to user 65534/);
  });

  it('removes records that tell nothing, and names those of nobody', () => {
    using listener = new Listener();
    report(listener.inbox, recorded('dhcpcd')[1]!);
    report(listener.inbox, { argv: [], env: { interface: 'cl0' } });
    report(listener.inbox, { argv: ['bound'], env: { interface: '../x' } });
    listener.start();
    assert.deepEqual([listener.names, listener.left()], [[], []]);
    assert.equal(listener.lines.length, 2);
  });

  it('leaves what another process wants to hear', async () => {
    using listener = new Listener();
    let mine = '';
    const source = listener.start(['cl0'], on => on === mine);
    report(listener.inbox, dhclient[1]!);
    await new Promise(resolve => setTimeout(resolve, 100));
    assert.deepEqual([listener.names, listener.left().length], [[], 1]);
    mine = 'cl0';
    source.again();
    await until('the record', () => listener.names.length === 1 && listener.left().length === 0);
  });

  it('goes on when its folder is taken away', async () => {
    using listener = new Listener();
    listener.start();
    const { rmSync } = await import('node:fs');
    rmSync(listener.inbox, { recursive: true });
    await until('a new folder', () => readdirSync(listener.run).includes('dhcp'));
    report(listener.inbox, dhclient[1]!);
    await until('the record', () => listener.names.length === 1);
  });
});

describe('a daemon', () => {
  before(function () {
    needs(this, { root: true, programs: ['ip'] });
  });

  it('does not take the client of another network namespace for its own', async () => {
    await using daemon = await startDaemon();
    report(join(daemon.folder, 'dhcp'), dhclient[1]!);
    await until('the refusal', () => /its client runs in another network namespace/.test(daemon.output()));
    assert.equal(
      daemon.events.some(({ name }) => name === 'dhcp.bound'),
      false,
    );
  });

  it('publishes what DHCP clients tell, and shows what interfaces hold', async () => {
    await using daemon = await startDaemon({
      hooks: {
        'dhcp.bound.d/10-say': '#!/bin/sh\necho "$IFACE $NETCONF_LEASE_ADDRESS $NETCONF_LEASE_DNS"\n',
      },
    });
    daemon.ip('link', 'add', 'cl0', 'type', 'veth', 'peer', 'cl1');
    await daemon.event('link.added', { interface: 'cl0' });
    // The shell in between stands for the client.
    const inside = ['ip', 'netns', 'exec', daemon.netns!, 'sh', '-c', '"$0" "$@"; exit'];
    report(join(daemon.folder, 'dhcp'), dhclient[1]!, inside);
    const event = await daemon.event('dhcp.bound', { interface: 'cl0' });
    assert.equal(event.source, 'dhcp');
    const output = await until('the script', async () => {
      const { entries } = await daemon.client.call('History', { id: event.id });
      return entries[0]?.state === 'done' && entries[0].runs[0]?.output;
    });
    assert.equal(output, 'cl0 192.0.2.54 192.0.2.1 192.0.2.2\n');
  });
});
