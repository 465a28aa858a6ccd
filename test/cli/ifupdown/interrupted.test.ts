import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestDaemon } from '../../daemon.ts';
import type { Folder } from '../../folder.ts';
import { needs } from '../../setup.ts';
import { until } from '../../until.ts';
import { daemonFor, isSaid, machine } from './machine.ts';
import { programOf, runAsync } from './programs.ts';

/** Waits at the place where it stands until the file `go` is there, and says that it does: once. */
const wait = '[ -e @/once ] || { touch @/once @/began; while [ ! -e @/go ]; do sleep 0.05; done; }';
const own = '\taddress 192.0.2.1/24\n';

/** Where an operation can be when its client is gone: what interfaces(5) says, and the command at work. */
const moments: readonly [title: string, 'ifup' | 'ifdown', interfaces: string, script?: string][] = [
  ['a mapping script', 'ifup', `mapping v0\n\tscript @/map\niface home inet static\n${own}`],
  [
    'a prerequisite',
    'ifup',
    `iface v0 inet static\n${own}\trequires v1\niface v1 inet manual\n\tup ${wait}\n`,
  ],
  ['pre-up', 'ifup', `iface v0 inet static\n${own}\tpre-up ${wait}\n`],
  ['a script of if-pre-up.d', 'ifup', `iface v0 inet static\n${own}`, 'pre-up'],
  ['up', 'ifup', `iface v0 inet static\n${own}\tup ${wait}\n`],
  ['a script of if-up.d', 'ifup', `iface v0 inet static\n${own}`, 'up'],
  ['a second stanza', 'ifup', `iface v0 inet static\n${own}iface v0 inet6 manual\n\tpre-up ${wait}\n`],
  ['a script of if-down.d', 'ifdown', `iface v0 inet static\n${own}`, 'down'],
  ['down', 'ifdown', `iface v0 inet static\n${own}\tdown ${wait}\n`],
  ['a script of if-post-down.d', 'ifdown', `iface v0 inet static\n${own}`, 'post-down'],
];

function start(daemon: TestDaemon, name: 'ifup' | 'ifdown', on: string): ChildProcess {
  const env = { PATH: process.env.PATH, NETCONF_SOCKET: daemon.socket };
  return spawn(process.execPath, [programOf(name), on], { env, stdio: 'ignore' });
}

function write(folder: Folder, name: string, text: string): void {
  const path = folder.write(name, `#!/bin/sh\n${text.replaceAll('@', folder.path)}\n`);
  chmodSync(path, 0o755);
}

describe('a client that is killed', function () {
  this.timeout(20_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'unshare', 'python3'] });
  });

  for (const [title, name, interfaces, script] of moments) {
    it(`at ${title} leaves the next one, which waits for its turn, an interface to work with`, async () => {
      using folder = machine(interfaces);
      if (script !== undefined)
        write(folder, `scripts/if-${script}.d/wait`, `[ "$IFACE" = --all ] || ${wait}`);
      write(folder, 'map', `${wait}\necho home`);
      await using daemon = await daemonFor(folder);
      const addresses = () => daemon.ip('-4', '-o', 'addr', 'show', 'dev', 'v0').match(/inet \S+/g) ?? [];
      if (name === 'ifdown') {
        writeFileSync(join(folder.path, 'once'), '');
        assert.equal((await runAsync(daemon, 'ifup', 'v0')).status, 0);
        rmSync(join(folder.path, 'once'));
      }
      const first = start(daemon, name, 'v0');
      await until('the moment', () => isSaid(folder, 'began'));
      const second = runAsync(daemon, name, 'v0');
      await until('the second', async () => {
        const { interfaces: all = [] } = await daemon.client.callStatus({ parts: ['interfaces'] });
        return all.find(one => one.interface === 'v0')?.waiting === 1;
      });
      first.kill('SIGKILL');
      // On the way down nothing is undone: what waits there has to be let go.
      if (name === 'ifdown') writeFileSync(join(folder.path, 'go'), '');
      const { status, stderr } = await second;
      assert.equal(status, 0, stderr);
      const wanted = name === 'ifup' ? ['inet 192.0.2.1/24'] : [];
      assert.deepEqual(addresses(), wanted);
      const left = readdirSync(join(daemon.folder, 'interfaces')).filter(file => file.endsWith('.lock'));
      assert.deepEqual(left, []);
      assert.deepEqual(readdirSync(join(daemon.folder, 'interfaces/running')), []);
      // And the way back is whole.
      assert.equal((await runAsync(daemon, 'ifdown', 'v0')).status, 0);
      assert.deepEqual(addresses(), []);
    });
  }
});

/** Runs a program on a terminal of its own, prints what it shows, and presses ^C when a file is there. */
const terminal = `
import os, pty, sys, time
press, line = sys.argv[1], sys.argv[2:]
pid, fd = pty.fork()
if pid == 0: os.execvp(line[0], line)
os.set_blocking(fd, False)
shown = b""
pressed = press == ""
while True:
    try:
        part = os.read(fd, 4096)
        if part == b"": break
        shown += part
    except BlockingIOError: time.sleep(0.02)
    except OSError: break
    if not pressed and os.path.exists(press):
        os.write(fd, b"\\x03")
        pressed = True
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.stdout.buffer.write(shown)
sys.exit(status)
`;

describe('a terminal', function () {
  this.timeout(20_000);
  before(function () {
    needs(this, { root: true, programs: ['ip', 'python3'] });
  });

  async function onTerminal(daemon: TestDaemon, press: string, ...words: string[]) {
    const line = ['-c', terminal, press, process.execPath, programOf('ifup'), ...words];
    const env = { PATH: process.env.PATH, NETCONF_SOCKET: daemon.socket, TERM: 'xterm' };
    const child = spawn('python3', line, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let shown = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
    });
    const status = await new Promise<number | null>(resolve => child.once('close', resolve));
    return { status, shown };
  }

  it('shows each phase in one line, which is gone in the end', async () => {
    using folder = machine('iface v0 inet static\n\taddress 192.0.2.1/24\n\tup sleep 0.2\n');
    await using daemon = await daemonFor(folder);
    const { status, shown } = await onTerminal(daemon, '', 'v0');
    assert.equal(status, 0);
    const lines = shown.split('\r\x1b[K').map(line => line.replace(/\r?\n$/, ''));
    const wanted = ['v0: pre-up (inet static)', 'v0: Static (inet static)', 'v0: up (inet static)'];
    assert.deepEqual(
      lines.filter(line => wanted.includes(line)),
      wanted,
      JSON.stringify(shown),
    );
    assert.equal(lines.at(-1), '');
  });

  it('ends it by ^C, and what was begun is undone', async () => {
    using folder = machine('iface v0 inet static\n\taddress 192.0.2.1/24\n\tup touch @/begun; sleep 60\n');
    await using daemon = await daemonFor(folder);
    const { status, shown } = await onTerminal(daemon, join(folder.path, 'begun'), 'v0');
    assert.equal(status, 1);
    assert.match(shown, /Got signal Interrupt, terminating\.\.\./);
    await daemon.event('interface.failed', { interface: 'v0' });
    assert.doesNotMatch(daemon.ip('-o', 'addr', 'show', 'dev', 'v0'), /192\.0\.2\.1/);
    assert.equal(
      (await daemon.client.callStatus({ parts: ['interfaces'] })).interfaces?.[0]?.state,
      'failed',
    );
  });
});
