import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { Notifier } from '../../core/base/notify.ts';
import { needs } from '../setup.ts';

/** A service manager: prints each datagram as a line of JSON. `@name` is abstract. With a third argument it waits first. */
const manager = `
import json, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
name = sys.argv[1]
s.bind('\\0' + name[1:] if name[0] == '@' else name)
print('"bound"', flush=True)
if len(sys.argv) > 2: sys.stdin.readline()
while True: print(json.dumps(s.recv(4096).decode()), flush=True)
`;

describe('sd_notify', () => {
  const directory = mkdtempSync(join(tmpdir(), 'netconf-notify-'));
  const path = join(directory, 'socket');
  let python: ChildProcessByStdio<Writable, Readable, null> | undefined;
  let lines: AsyncIterator<string>;

  before(function () {
    needs(this, { programs: ['python3'] });
  });
  after(() => rmSync(directory, { recursive: true }));
  afterEach(() => {
    python?.kill('SIGKILL');
    rmSync(path, { force: true });
  });

  async function listen(name: string, ...more: string[]): Promise<void> {
    python = spawn('python3', ['-c', manager, name, ...more], { stdio: ['pipe', 'pipe', 'inherit'] });
    lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
    assert.equal(await next(), 'bound');
  }

  async function next(): Promise<string> {
    return JSON.parse((await lines.next()).value);
  }

  it('tells a socket at a path that the service is ready, reloads and stops', async () => {
    await listen(path);
    const notifier = new Notifier({ NOTIFY_SOCKET: path });
    notifier.ready('12 links');
    assert.equal(await next(), 'READY=1\nSTATUS=12 links');
    const before = process.hrtime.bigint() / 1000n;
    notifier.reloading();
    const [, microseconds] = /^RELOADING=1\nMONOTONIC_USEC=(\d+)$/.exec(await next())!;
    assert.ok(BigInt(microseconds!) >= before && BigInt(microseconds!) <= process.hrtime.bigint() / 1000n);
    notifier.status('two\nlines');
    assert.equal(await next(), 'STATUS=two lines');
    notifier.stopping();
    assert.equal(await next(), 'STOPPING=1');
  });

  it('finds a socket in the abstract name space', async () => {
    const name = `@netconf-test-${process.pid}`;
    await listen(name);
    new Notifier({ NOTIFY_SOCKET: name }).ready();
    assert.equal(await next(), 'READY=1');
  });

  it('shows signs of life until undone where a watchdog asks this process for them', async () => {
    await listen(path);
    const notifier = new Notifier({
      NOTIFY_SOCKET: path,
      WATCHDOG_USEC: '100000',
      WATCHDOG_PID: `${process.pid}`,
    });
    assert.equal(notifier.watchdog, 100);
    const undo = notifier.startWatchdog();
    for (let at = 0; at < 4; at++) assert.equal(await next(), 'WATCHDOG=1');
    undo();
    await new Promise(resolve => setTimeout(resolve, 200));
    notifier.status('end');
    let last = await next();
    while (last === 'WATCHDOG=1') last = await next();
    assert.equal(last, 'STATUS=end');
  });

  it('has no timer where no watchdog asks, or asks another process', () => {
    const timers = () => process.getActiveResourcesInfo().filter(each => each === 'Timeout').length;
    const before = timers();
    for (const more of [
      {},
      { WATCHDOG_USEC: '5', WATCHDOG_PID: '1' },
      { WATCHDOG_USEC: 'x' },
      { WATCHDOG_USEC: '0' },
    ]) {
      const notifier = new Notifier({ NOTIFY_SOCKET: path, ...more });
      assert.equal(notifier.watchdog, undefined);
      notifier.startWatchdog();
    }
    assert.equal(new Notifier({ WATCHDOG_USEC: '100000' }).watchdog, undefined);
    assert.equal(timers(), before);
  });

  it('waits for a service manager whose queue is full, and keeps the order', async () => {
    await listen(path, 'slow');
    const notifier = new Notifier({ NOTIFY_SOCKET: path });
    const flood = new Notifier({ NOTIFY_SOCKET: path });
    for (let at = 0; at < 5000; at++) flood.status('flood');
    notifier.ready();
    notifier.status('after');
    python!.stdin.write('\n');
    let line = await next();
    while (line === 'STATUS=flood') line = await next();
    assert.equal(line, 'READY=1');
    do line = await next();
    while (line === 'STATUS=flood');
    assert.equal(line, 'STATUS=after');
  });

  it('is harmless without a socket, with one that is gone, and with nonsense', () => {
    for (const socket of [
      undefined,
      '',
      'relative',
      '/nowhere/at/all',
      '@',
      `/${'x'.repeat(300)}`,
      '@nobody',
      '/dev/null',
    ]) {
      const notifier = new Notifier(socket === undefined ? {} : { NOTIFY_SOCKET: socket });
      notifier.ready('x');
      notifier.stopping();
    }
  });
});
