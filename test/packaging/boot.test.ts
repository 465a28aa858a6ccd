import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Folder } from '../folder.ts';
import { root } from '../imports.ts';
import { needs } from '../setup.ts';
import { until } from '../until.ts';

const interfaces = `auto lo lan
iface lo inet loopback
iface lan inet static
  address 192.0.2.5/24
  gateway 192.0.2.1
iface lan inet6 static
  address 2001:db8::5/64
auto port
iface port inet manual
  up ip link set port up
allow-hotplug late
iface late inet static
  address 198.51.100.1/24
`;
const say = `#!/bin/sh\necho "$IFACE $ADDRFAM $PHASE $CLASS" >> "\${0%/*}/../said"\n`;

/** A machine: a network namespace with its /etc/network in a folder, and the programs as they are installed. */
class Machine implements AsyncDisposable {
  readonly folder = new Folder({ 'network/interfaces': interfaces, 'network/if-up.d/say': say });
  readonly netns: string;
  readonly #socket = join(this.folder.path, 'run/control');
  #daemon: ChildProcess | undefined;

  constructor(name = 'boot') {
    this.netns = `${name}${process.pid}`;
    const network = join(this.folder.path, 'network');
    chmodSync(join(network, 'if-up.d/say'), 0o755);
    const options = { file: join(network, 'interfaces'), scripts: network };
    this.folder.write('netconf.yaml', `plugins: ${JSON.stringify({ interfaces: options })}\n`);
    execFileSync('ip', ['netns', 'add', this.netns]);
    this.addLink('lan');
    this.addLink('port');
  }

  /** With a peer that is up. */
  addLink(name: string): void {
    this.ip('link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}-far`);
    this.ip('link', 'set', `${name}-far`, 'up');
  }

  ip(...words: string[]): string {
    return execFileSync('ip', ['-n', this.netns, ...words], { encoding: 'utf8' });
  }

  /** Its addresses that are no link's own, and what they are on. */
  addresses(): string[] {
    const links = JSON.parse(this.ip('-j', 'address')) as {
      ifname: string;
      addr_info: { local: string; scope: string }[];
    }[];
    return links.flatMap(({ ifname, addr_info }) =>
      addr_info.filter(({ scope }) => scope === 'global').map(({ local }) => `${ifname} ${local}`),
    );
  }

  /** Runs a program of ours as an administrator would; its exit status. */
  async run(program: string, ...words: string[]): Promise<number> {
    const file = join(root, `dist/${program}.cjs`);
    const child = this.#spawn(file, words);
    return (await once(child, 'exit'))[0] as number;
  }

  said(): string[] {
    const file = join(this.folder.path, 'network/said');
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }

  /** Resolves when it prints a line with this. */
  async start(line = 'daemon.ready', environment: NodeJS.ProcessEnv = {}): Promise<void> {
    const own = ['--socket', this.#socket, '--config', join(this.folder.path, 'netconf.yaml')];
    const daemon = this.#spawn(join(root, 'dist/netconfd.cjs'), own, environment);
    this.#daemon = daemon;
    let output = '';
    daemon.stdout!.setEncoding('utf8').on('data', text => {
      output += text;
    });
    await until(line, () => output.includes(line));
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const daemon = this.#daemon;
    if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = once(daemon, 'exit');
    daemon.kill(signal);
    await ended;
  }

  /** Events of this name since the daemon's start. */
  events(name: string): string[] {
    const words = ['history', name, '--json', '--socket', this.#socket];
    const text = execFileSync(process.execPath, [join(root, 'dist/netconf.cjs'), ...words], {
      encoding: 'utf8',
    });
    return (JSON.parse(text) as { event: { interface: string } }[]).map(({ event }) => event.interface);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL');
    execFileSync('ip', ['netns', 'del', this.netns]);
    this.folder[Symbol.dispose]();
  }

  #spawn(file: string, words: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
    return spawn('ip', ['netns', 'exec', this.netns, process.execPath, file, ...words], {
      env: { PATH: process.env.PATH, NETCONF_SOCKET: this.#socket, ...environment },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  }
}

describe('a machine that starts', function () {
  this.timeout(60_000);
  const whole = ['lan 192.0.2.5', 'lan 2001:db8::5'];
  let machine: Machine;

  before(function () {
    needs(this, { root: true, programs: ['ip'] });
    machine = new Machine();
  });
  after(() => machine?.[Symbol.asyncDispose]());

  it('has its interfaces configured by netconfd alone, and wait-online tells when', async () => {
    await machine.start();
    assert.equal(await machine.run('netconf', 'wait-online', '--timeout', '20'), 0);
    assert.deepEqual(machine.addresses(), whole);
    assert.match(machine.ip('route'), /^default via 192\.0\.2\.1 dev lan/m);
    assert.match(machine.ip('link', 'show', 'lo'), /<.*\bUP\b/);
    assert.match(machine.ip('link', 'show', 'port'), /<.*\bUP\b/);
  });

  it('has run the scripts of if-up.d, once a stanza and once for all', async () => {
    await until('the scripts for all', () => machine.said().some(line => line.startsWith('--all')));
    assert.deepEqual(
      machine
        .said()
        .filter(line => !line.startsWith('lo '))
        .sort(),
      [
        '--all meta post-up auto',
        'lan inet post-up auto',
        'lan inet6 post-up auto',
        'port inet post-up auto',
      ],
    );
  });

  it('is left as it is by a daemon that was killed and started again', async () => {
    const before = machine.said();
    await machine.end('SIGKILL');
    await machine.start();
    assert.equal(await machine.run('netconf', 'wait-online', '--timeout', '20'), 0);
    assert.equal(await machine.run('ifup', 'lan'), 0);
    assert.deepEqual(machine.addresses(), whole);
    assert.deepEqual(machine.said(), before);
    assert.deepEqual(machine.events('interface.configuring'), []);
  });

  it('does not configure again what somebody has taken down when the daemon is started again', async () => {
    assert.equal(await machine.run('ifdown', 'lan'), 0);
    await machine.end('SIGTERM');
    await machine.start();
    assert.equal(await machine.run('ifup', 'port'), 0);
    assert.deepEqual(machine.addresses(), []);
    assert.equal(await machine.run('ifup', 'lan'), 0);
    assert.deepEqual(machine.addresses(), whole);
  });

  it('has an interface configured that comes later', async () => {
    machine.addLink('late');
    await until('the address', () => machine.addresses().includes('late 198.51.100.1'));
    await until('its script', () => machine.said().includes('late inet post-up hotplug'));
  });

  it('takes all of it down with ifdown -a', async () => {
    assert.equal(await machine.run('ifdown', '-a', '--exclude=lo'), 0);
    assert.deepEqual(machine.addresses(), []);
    assert.equal(await machine.run('netconf', 'wait-online', '--timeout', '0'), 1);
  });

  it('is whole in the end when the daemon is killed in the middle of the start', async () => {
    await machine.end('SIGKILL');
    await using other = new Machine('killed');
    await other.start('interface.configuring lan');
    await other.end('SIGKILL');
    await other.start();
    assert.equal(await other.run('netconf', 'wait-online', '--timeout', '20'), 0);
    assert.deepEqual(other.addresses(), whole);
    assert.match(other.ip('link', 'show', 'port'), /<.*\bUP\b/);
  });

  it('leaves out what /etc/default/networking excludes, and waits for none of it', async () => {
    await using other = new Machine('excluded');
    await other.start('daemon.ready', { EXCLUDE_INTERFACES: 'la* x' });
    assert.equal(await other.run('netconf', 'wait-online', '--timeout', '20'), 0);
    await until('the scripts for all', () => other.said().some(line => line.startsWith('--all')));
    assert.ok(other.said().includes('port inet post-up auto'));
    assert.deepEqual(other.addresses(), []);
    await other.end('SIGKILL');
    await using none = new Machine('none');
    await none.start('daemon.ready', { CONFIGURE_INTERFACES: 'no' });
    assert.equal(await none.run('netconf', 'wait-online', '--timeout', '5'), 0);
    none.addLink('late');
    await until('the address', () => none.addresses().includes('late 198.51.100.1'));
    assert.deepEqual(none.addresses(), ['late 198.51.100.1']);
  });
});
