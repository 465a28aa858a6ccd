import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SystemError } from '../../core/base/libc/library.ts';
import { type Datagram, UnixDatagramSocket } from '../../core/base/libc/unix-datagram.ts';
import { Folder } from '../folder.ts';
import { needs } from '../setup.ts';
import { until } from '../until.ts';

describe('a datagram socket', function () {
  this.timeout(30_000);
  let folder: Folder;
  let peer: ChildProcess;
  let socket: UnixDatagramSocket | undefined;
  const heard: (Omit<Datagram, 'bytes'> & { text: string; length: number })[] = [];
  const path = (name: string) => join(folder.path, name);

  before(function () {
    needs(this, { programs: ['python3'] });
  });
  beforeEach(() => {
    folder = new Folder();
    heard.length = 0;
  });
  afterEach(() => {
    socket?.close();
    peer?.kill('SIGKILL');
    folder[Symbol.dispose]();
  });

  /** A peer that does this with what it is told. */
  async function open(code: string): Promise<UnixDatagramSocket> {
    const script = `
import array, os, socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16 << 20)
s.bind(${JSON.stringify(path('peer'))})
while True:
    data, sender = s.recvfrom(1 << 20)
${code.replace(/^/gm, '    ')}
`;
    peer = spawn('python3', ['-c', script], { stdio: ['ignore', 'ignore', 'inherit'] });
    await until('the peer', () => existsSync(path('peer')));
    socket = new UnixDatagramSocket(path('own'), path('peer'), 1024, ({ bytes, ...datagram }) =>
      heard.push({ ...datagram, text: bytes.toString('latin1', 0, 16), length: bytes.length }),
    );
    return socket;
  }

  it('is woken by what comes, and knows who sent it', async () => {
    const own = await open('s.sendto(data, sender)');
    own.send(Buffer.from('PING'));
    await until('an answer', () => heard.length === 1);
    assert.deepEqual(heard, [
      { text: 'PING', length: 4, truncated: false, pid: peer.pid, uid: process.getuid?.() },
    ]);
  });

  it('takes no more of a datagram than it has room for, and no descriptors', async () => {
    const own = await open(
      "s.sendto(b'x' * 100000, sender)\ns.sendmsg([b'fd'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [0, 1, 2]))], 0, sender)",
    );
    const before = readdirSync('/proc/self/fd').length;
    own.send(Buffer.from('x'));
    await until('two answers', () => heard.length === 2);
    assert.deepEqual(
      heard.map(({ length, truncated }) => [length, truncated]),
      [
        [1024, true],
        [2, false],
      ],
    );
    assert.equal(readdirSync('/proc/self/fd').length, before);
  });

  it('hands on all of a flood, in order', async () => {
    const own = await open('for i in range(1000): s.sendto(str(i).encode(), sender)');
    own.send(Buffer.from('x'));
    await until('all of them', () => heard.length === 1000);
    assert.deepEqual(
      heard.map(({ text }) => text),
      Array.from({ length: 1000 }, (_, at) => String(at)),
    );
  });

  it('hears nobody but the peer', async () => {
    await open('pass');
    const other = spawn('python3', [
      '-c',
      `import socket; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'x', ${JSON.stringify(path('own'))})`,
    ]);
    const status = await new Promise(resolve => other.once('exit', resolve));
    assert.equal(status, 1);
    assert.deepEqual(heard, []);
  });

  it('says when the peer is gone, and leaves nothing behind', async () => {
    const own = await open('os._exit(0)');
    own.send(Buffer.from('x'));
    await until('its end', () => peer.exitCode !== null);
    assert.throws(
      () => own.send(Buffer.from('x')),
      (error: unknown) => error instanceof SystemError && error.errnoName === 'ECONNREFUSED',
    );
    own.close();
    assert.ok(!existsSync(path('own')));
    const refused = () => new UnixDatagramSocket(path('own'), path('peer'), 1024, () => undefined);
    assert.throws(refused, /connect .*: ECONNREFUSED/);
    assert.ok(!existsSync(path('own')));
  });

  it('knows that another user answers', async function () {
    needs(this, { root: true });
    const own = await open("os.setuid(65534) if os.getuid() == 0 else None\ns.sendto(b'me', sender)");
    chmodSync(folder.path, 0o777);
    chmodSync(path('own'), 0o777);
    own.send(Buffer.from('x'));
    await until('an answer', () => heard.length === 1);
    assert.equal(heard[0]!.uid, 65534);
  });
});
