import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventJson } from '../../../core/bus/event.ts';
import type { OperationResult } from '../../../core/control/api.ts';
import { type Client, connect } from '../../../core/control/client.ts';
import { programs } from '../../daemon.ts';
import { Folder } from '../../folder.ts';
import { transfers } from '../../transfer.ts';
import { until } from '../../until.ts';
import { placePrograms } from './programs.ts';

let made = 0;

export interface GroundOptions {
  /** interfaces(5). */
  interfaces?: string;
  /** Policies by name. */
  policies?: Readonly<Record<string, string>>;
  /** More options of the plugin; false: it is not loaded. */
  options?: Readonly<Record<string, unknown>> | false;
}

/**
 * Two network namespaces: one of access points or a switch, and one in which a daemon runs. Nothing of it touches the
 * machine; all of it is gone when it is disposed of, supplicants too.
 */
export class Ground implements AsyncDisposable {
  readonly folder = new Folder();
  readonly far: string;
  readonly near: string;
  readonly #children: ChildProcess[] = [];
  readonly run = join(this.folder.path, 'run');
  /** Of all daemons here, in order. */
  readonly events: EventJson[] = [];
  #daemon: ChildProcess | undefined;
  #client: Client | undefined;
  #output = '';

  constructor() {
    const name = `wpa${process.pid}-${++made}`;
    this.far = `${name}f`;
    this.near = `${name}n`;
    placePrograms(this.folder);
    for (const each of [this.far, this.near]) {
      execFileSync('ip', ['netns', 'add', each]);
      execFileSync('ip', ['-n', each, 'link', 'set', 'lo', 'up']);
    }
  }

  /** A cable: `port` of the switch, `e0` of the host. */
  cable(): void {
    const line = [
      'link',
      'add',
      'port',
      'netns',
      this.far,
      'type',
      'veth',
      'peer',
      'name',
      'e0',
      'netns',
      this.near,
    ];
    execFileSync('ip', line);
    execFileSync('ip', ['-n', this.far, 'link', 'set', 'port', 'up']);
  }

  path(name: string): string {
    return join(this.folder.path, name);
  }

  /** What programs in the background have printed. */
  output(): string {
    return this.#output;
  }

  /** Runs a program on one side, to its end. */
  exec(where: 'far' | 'near', program: string, ...words: string[]) {
    const own = this.path(program);
    const line = ['netns', 'exec', this[where], existsSync(own) ? own : program, ...words];
    const { stdout, stderr, status } = spawnSync('ip', line, { encoding: 'utf8' });
    return { stdout, stderr, status };
  }

  /** Starts a program on one side; it is ended with the ground. */
  start(where: 'far' | 'near', program: string, ...words: string[]): ChildProcess {
    const own = this.path(program);
    const line = ['netns', 'exec', this[where], existsSync(own) ? own : program, ...words];
    const child = spawn('ip', line, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    }
    this.#children.push(child);
    return child;
  }

  /** Starts an access point, or several: a file each. */
  async hostapd(...configurations: string[]): Promise<ChildProcess> {
    const files = configurations.map((text, at) =>
      this.folder.write(`hostapd${made}-${this.#children.length}-${at}.conf`, text),
    );
    const before = count(this.#output);
    const child = this.start('far', 'hostapd', ...files);
    await until('hostapd', () => {
      if (child.exitCode !== null) throw new Error(`hostapd ended: ${this.#output}`);
      return count(this.#output) >= before + files.length;
    });
    return child;
  }

  /** A switch that lets in who knows the word: 802.1X with EAP-MD5. */
  async authenticator(users = '"user" MD5 "secret"\n'): Promise<ChildProcess> {
    const file = this.folder.write('eap_users', users);
    return this.hostapd(
      `interface=port\ndriver=wired\nieee8021x=1\nuse_pae_group_addr=1\neap_server=1\neap_user_file=${file}\n`,
    );
  }

  async dnsmasq(on: string, network: string): Promise<void> {
    const range = `--dhcp-range=${network}.100,${network}.200,2m`;
    execFileSync('ip', ['-n', this.far, 'addr', 'add', `${network}.1/24`, 'dev', on]);
    const place = [
      `--interface=${on}`,
      '--bind-interfaces',
      '--except-interface=lo',
      '--pid-file=',
      '--user=root',
    ];
    const quiet = [
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--port=0',
      '--no-ping',
      '--log-facility=-',
    ];
    this.start('far', 'dnsmasq', ...quiet, ...place, `--dhcp-leasefile=${this.path(`leases-${on}`)}`, range);
  }

  /** Starts a daemon in the host's namespace, or the next one on the same runtime files. */
  async daemon({ interfaces = '', policies = {}, options = {} }: GroundOptions = {}): Promise<void> {
    const file = this.folder.write('interfaces', interfaces);
    for (const [name, text] of Object.entries(policies)) this.folder.write(`policy.d/${name}`, text);
    const wpa = options && { program: this.path('wpa_supplicant'), control: this.path('ctrl'), ...options };
    const plugins = { interfaces: { file, scripts: this.path('network') }, 'wpa-supplicant': wpa };
    const config = this.folder.write('netconf.yaml', JSON.stringify({ plugins }));
    for (const name of ['hooks.d', 'plugins', 'policy.d', 'run'])
      mkdirSync(this.path(name), { recursive: true });
    const directories = ['hooks.d', 'plugins', 'policy.d'].map(name => this.path(name));
    const [hooks, own, policy] = directories as [string, string, string];
    const words = [
      '--socket',
      join(this.run, 'control'),
      '--config',
      config,
      '--hooks',
      hooks,
      '--plugins',
      own,
    ];
    const line = [
      'netns',
      'exec',
      this.near,
      process.execPath,
      programs.netconfd,
      ...words,
      '--policy',
      policy,
      '--json',
    ];
    const env = { PATH: process.env.PATH };
    const child = spawn('ip', line, { cwd: '/', env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#daemon = child;
    let ready = false;
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      ready ||= text.includes('daemon.ready');
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const each of lines)
        if (each.startsWith('{"id":')) this.events.push(JSON.parse(each) as EventJson);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
    await until('the daemon', () => {
      if (child.exitCode !== null) throw new Error(`netconfd ended: ${this.#output}`);
      return ready;
    });
    this.#client = await connect({ socket: join(this.run, 'control') });
  }

  /** Ends the daemon. */
  async kill(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#daemon;
    this.#daemon = undefined;
    this.#client?.close();
    if (child === undefined) return;
    const ended = new Promise(resolve => child.once('close', resolve));
    child.kill(signal);
    await ended;
  }

  get pid(): number {
    return this.#daemon!.pid!;
  }

  get client(): Client {
    return this.#client!;
  }

  up(on: string, options: object = {}): Promise<OperationResult> {
    return this.#operate('Up', on, options);
  }

  down(on: string): Promise<OperationResult> {
    return this.#operate('Down', on, {});
  }

  async #operate(method: 'Up' | 'Down', on: string, options: object): Promise<OperationResult> {
    const { results } = await this.client.call(method, { interface: on, ...options });
    return results![0]!;
  }

  /** Data of all events of a name, in order. */
  heard(name: string): Record<string, unknown>[] {
    return this.events.filter(each => each.name === name).map(({ data }) => data as Record<string, unknown>);
  }

  /** Waits until there are so many events of a name; the data of the last. */
  async event(name: string, nth = 1, ms?: number): Promise<Record<string, unknown>> {
    await until(`event ${name}`, () => this.heard(name).length >= nth, ms).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.#output.slice(-3000)}`);
    });
    return this.heard(name)[nth - 1]!;
  }

  /** Supplicants whose files lie in this folder. */
  supplicants(): number[] {
    return this.#processes(words => words.includes('wpa_supplicant') && words.includes('-P'));
  }

  #processes(fits: (words: string) => boolean): number[] {
    const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name));
    return pids.map(Number).filter(pid => {
      const words = commandOf(pid);
      return words.includes(this.folder.path) && fits(words) && !words.includes('netconfd');
    });
  }

  /** Asks a supplicant. */
  cli(on: string, ...words: string[]): string {
    return this.exec('near', 'wpa_cli', '-p', this.path('ctrl'), '-i', on, ...words).stdout.trim();
  }

  addresses(on: string): string[] {
    const { stdout } = this.exec('near', 'ip', '-4', '-o', 'addr', 'show', 'dev', on);
    return [...stdout.matchAll(/inet (\S+)/g)].map(([, address]) => address!);
  }

  /** Is the link set up? */
  isUp(on: string): boolean {
    return /<[^>]*\bUP\b/.test(this.exec('near', 'ip', 'link', 'show', 'dev', on).stdout);
  }

  pings(address: string): boolean {
    return this.exec('near', 'ping', '-c2', '-i0.2', '-W2', address).status === 0;
  }

  /** Whether bytes sent by TCP come to an address of the far side as they were. */
  transfers(address: string): Promise<boolean> {
    return transfers(this.near, this.far, address);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill('SIGKILL');
    for (const child of this.#children) child.kill('SIGKILL');
    for (const pid of this.#processes(() => true)) kill(pid);
    for (const each of [this.far, this.near]) spawnSync('ip', ['netns', 'del', each]);
    this.folder[Symbol.dispose]();
  }
}

function count(output: string): number {
  return output.split('AP-ENABLED').length - 1;
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
