import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Client, connect } from '../../core/control/client.ts';
import { prepareDirectory } from '../../core/control/directory.ts';
import { checkPrivateDirectory, clientSockets, defaultSocket } from '../../core/control/path.ts';
import { Folder } from '../folder.ts';
import { needs } from '../setup.ts';
import { Bench, openFiles, until } from './fake-backend.ts';

describe('the client', () => {
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

  it('gives the errors of the daemon as they were there, and Varlink’s own by their name', async () => {
    await assert.rejects(client.call('LoadPlugin', { name: 'nothing' }), {
      name: 'NetconfError',
      code: 'NoSuchPlugin',
      message: 'no plugin nothing',
      hint: 'look into /etc/netconf/plugins',
    });
    await assert.rejects(client.callAny('io.netconf.Fly'), {
      name: 'VarlinkError',
      error: 'org.varlink.service.MethodNotFound',
    });
    await assert.rejects(client.call('Status', { parts: ['x' as 'links'] }), {
      error: 'org.varlink.service.InvalidParameter',
      message: /InvalidParameter: parts/,
    });
  });

  it('says where no daemon answers', async () => {
    const path = join(bench.directory, 'nobody');
    await assert.rejects(connect({ socket: path }), {
      code: 'NotRunning',
      message: new RegExp(path),
      hint: /start/,
    });
    await assert.rejects(connect({ socket: `/${'x'.repeat(200)}` }), { code: 'BadSocket' });
  });

  it('answers many calls at once, each with its own answer', async () => {
    const ids = await Promise.all(
      Array.from({ length: 500 }, (_, at) => client.call('Emit', { event: 'x', data: { at } })),
    );
    assert.deepEqual(
      ids.map(({ id }) => id),
      Array.from({ length: 500 }, (_, at) => at + 1),
    );
  });

  it('calls while a stream goes on, and leaving the loop closes the stream alone', async () => {
    const emitted = until(() => bench.server.counters.subscribers === 1).then(() =>
      client.call('Emit', { event: 'one' }),
    );
    for await (const { event } of client.stream('Monitor', {})) {
      assert.equal(event?.name, 'one');
      break;
    }
    await emitted;
    await until(() => bench.server.counters.subscribers === 0);
    assert.equal(bench.server.counters.connections, 1);
    await client.call('Reload', {});
  });

  it('ends its streams quietly when it is closed, and leaves no file open', async () => {
    const before = openFiles();
    {
      await using other = await connect({ socket: bench.path });
      const ended = (async () => {
        for await (const _ of other.stream('Monitor', {})) assert.fail('nothing happened');
      })();
      await until(() => bench.server.counters.subscribers === 1);
      other.close();
      await ended;
      await assert.rejects(other.call('Reload', {}), /the client was closed/);
    }
    await until(() => openFiles() <= before);
  });

  it('gives up with the reason of its signal', async () => {
    const controller = new AbortController();
    const other = await connect({ socket: bench.path, signal: controller.signal });
    bench.backend.emitted = () => new Promise(() => {});
    const call = other.call('Emit', { event: 'never' });
    const stream = other.stream('Monitor', {}).next();
    await until(() => bench.server.counters.subscribers === 1);
    controller.abort(new Error('enough'));
    await assert.rejects(call, /enough/);
    await assert.rejects(stream, /enough/);
    await assert.rejects(connect({ socket: bench.path, signal: controller.signal }), /enough/);
  });

  it('tells the daemon that nobody waits any more', async () => {
    let gone = false;
    bench.backend.emitted = (_peer, signal) =>
      new Promise(resolve => {
        signal.addEventListener('abort', () => {
          gone = true;
          resolve();
        });
      });
    const other = await connect({ socket: bench.path });
    other.call('Emit', { event: 'wait' }).catch(() => {});
    await until(() => bench.server.counters.connections === 2);
    await new Promise(resolve => setTimeout(resolve, 50));
    other.close();
    await until(() => gone);
  });

  it('sends without waiting for an answer', async () => {
    await client.send('Emit', { event: 'sent' });
    await until(() => bench.backend.bus.published === 1);
  });

  it('stands on Node alone: no native code, no package, no part of the daemon', async () => {
    const entry = join(import.meta.dirname, '../../core/control/client.ts');
    const { metafile } = await build({
      entryPoints: [entry],
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      format: 'esm',
    });
    const files = Object.keys(metafile.inputs).map(file => file.replace(/^.*(?=core\/)/, ''));
    assert.ok(files.includes('core/control/client.ts'));
    const allowed =
      /^core\/(base\/(errors|place)|control\/(client|path|varlink\/(channel|error|framing|message)))\.ts$/;
    assert.deepEqual(
      files.filter(file => !allowed.test(file)),
      [],
    );
  });
});

describe('the client of a bad server', () => {
  let directory: string;
  let server: Server;
  let answer: (socket: Socket) => void;
  let client: Client;
  const sockets = new Set<Socket>();
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'netconf-client-'));
    server = createServer(socket => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.once('data', () => answer(socket));
    });
    await new Promise<void>(resolve => server.listen(join(directory, 's'), resolve));
    client = await connect({ socket: join(directory, 's') });
  });
  afterEach(() => {
    client.close();
    for (const socket of sockets) socket.destroy();
    server.close();
    rmSync(directory, { recursive: true });
  });

  const cases: [string, (socket: Socket) => void, string, RegExp][] = [
    [
      'speaks something else',
      socket => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n\0'),
      'BadReply',
      /not JSON/,
    ],
    ['sends bytes that are no text', socket => socket.write(Buffer.from([0xff, 0])), 'BadReply', /UTF-8/],
    ['sends a list', socket => socket.write('[]\0'), 'BadReply', /object/],
    [
      'sends parameters of the wrong kind',
      socket => socket.write('{"parameters":3}\0'),
      'BadReply',
      /parameters/,
    ],
    ['never ends its reply', socket => socket.write('x'.repeat(17 * 1024 * 1024)), 'BadReply', /longer than/],
    ['dies in the middle', socket => socket.end('{"parameters":{"file"'), 'NotRunning', /ended before/],
    ['hangs up', socket => socket.destroy(), 'NotRunning', /ended before/],
    [
      'fails in the middle',
      socket => socket.write('{"continues":true}\0{"error":"io.netconf.Loop"}\0'),
      'Loop',
      /causes/,
    ],
  ];
  for (const [what, does, code, message] of cases) {
    it(`says clearly that it ${what}`, async () => {
      answer = does;
      await assert.rejects(client.call('Reload', {}), { code, message });
      const whole = async () => {
        for await (const _ of client.stream('Monitor', {}));
      };
      await assert.rejects(whole, { code, message });
    });
  }
});

describe('the path of the control socket', () => {
  it('follows NETCONF_SOCKET, then the user', () => {
    assert.equal(defaultSocket({}, 0), '/run/netconf/control');
    assert.equal(defaultSocket({ XDG_RUNTIME_DIR: '/run/user/5' }, 0), '/run/netconf/control');
    assert.equal(defaultSocket({ XDG_RUNTIME_DIR: '/run/user/5' }, 5), '/run/user/5/netconf/control');
    assert.equal(defaultSocket({ XDG_RUNTIME_DIR: 'relative' }, 5), '/tmp/netconf-5/control');
    assert.equal(defaultSocket({ NETCONF_SOCKET: '/x', XDG_RUNTIME_DIR: '/y' }, 5), '/x');
    assert.deepEqual(clientSockets({}, 5), ['/tmp/netconf-5/control', '/run/netconf/control']);
    assert.deepEqual(clientSockets({ NETCONF_SOCKET: '/x' }, 5), ['/x']);
    assert.deepEqual(clientSockets({}, 0), ['/run/netconf/control']);
  });

  it('is not believed by root where somebody else could have put it there, daemon or not', async function () {
    needs(this, { root: true });
    using folder = new Folder({ 'mine/x': '', 'theirs/x': '' });
    chmodSync(folder.path, 0o755);
    const [mine, theirs, link] = ['mine', 'theirs', 'link'].map(name => `${folder.path}/${name}/control`);
    chownSync(`${folder.path}/theirs`, 65534, 65534);
    symlinkSync('theirs', `${folder.path}/link`);
    const refused = { code: 'BadSocket', message: /belongs to user 65534, not to root/ };
    for (const socket of [theirs, link]) {
      await assert.rejects(connect({ socket: socket! }), refused);
      assert.throws(() => prepareDirectory(socket!), refused);
      await assert.rejects(connect({ socket: socket!, anyones: true }), { code: 'NotRunning' });
    }
    await assert.rejects(connect({ socket: mine! }), { code: 'NotRunning' });
    prepareDirectory(mine!);
    chmodSync(`${folder.path}/mine`, 0o777);
    await assert.rejects(connect({ socket: mine! }), { code: 'BadSocket', message: /writable by others/ });
    // As /tmp is: then what has the name must be root's.
    chmodSync(`${folder.path}/mine`, 0o1777);
    await assert.rejects(connect({ socket: mine! }), { code: 'NotRunning' });
    writeFileSync(mine!, '');
    chownSync(mine!, 65534, 65534);
    await assert.rejects(connect({ socket: mine! }), refused);
  });

  it('is not believed where somebody else made the directory in /tmp, or may enter it', async function () {
    needs(this, { root: true });
    const { mkdirSync, chownSync } = await import('node:fs');
    const uid = 3_000_000_000 + process.pid;
    const directory = `/tmp/netconf-${uid}`;
    const check = () => checkPrivateDirectory(`${directory}/control`, uid);
    check();
    try {
      mkdirSync(directory, { mode: 0o700 });
      assert.throws(check, { code: 'BadSocket', message: /of uid 0/ });
      chownSync(directory, uid, uid);
      check();
      chmodSync(directory, 0o755);
      assert.throws(check, { code: 'BadSocket', message: /mode 755/ });
      rmSync(directory, { recursive: true });
      symlinkSync('/run', directory);
      assert.throws(check, { code: 'BadSocket', message: /no directory/ });
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
