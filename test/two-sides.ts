import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventJson } from '../core/bus/event.ts';
import { type Client, connect } from '../core/control/client.ts';
import { programs } from './daemon.ts';
import { removeNamespace } from './remove-namespace.ts';
import { until } from './until.ts';

let made = 0;
/** Those that are there: what the end of the process has to remove. */
const all = new Set<TwoSides>();
process.once('exit', () => {
  for (const one of all) one.remove();
});

/**
 * Two network namespaces: that of a client, where a daemon runs, and that of its server. Nothing of it touches the machine;
 * all of it is gone when it is disposed of.
 */
export class TwoSides<Data extends object = object> implements AsyncDisposable {
  readonly folder: string;
  readonly run: string;
  readonly events: (EventJson & { data: Data })[] = [];
  readonly #name: string;
  readonly #mounts: string;
  readonly #children = new Set<ChildProcess>();
  #daemon: ChildProcess | undefined;
  #client: Client | undefined;
  #output = '';
  #rest = '';

  /**
   * @param kind what names of folder and namespaces begin with
   * @param mounts shell lines that are run in the daemon's mount namespace before it starts
   */
  constructor(kind: string, mounts = '') {
    this.folder = mkdtempSync(join(tmpdir(), `netconf-${kind}-`));
    this.run = this.path('run');
    this.#name = `${kind}${process.pid}-${++made}`;
    this.#mounts = mounts;
    for (const side of [this.serverNs, this.clientNs]) this.ip('netns', 'add', side);
    all.add(this);
    for (const each of ['hooks.d', 'plugins', 'policy.d', 'run']) mkdirSync(this.path(each));
    this.configure('');
  }

  get serverNs(): string {
    return `${this.#name}s`;
  }

  get clientNs(): string {
    return `${this.#name}c`;
  }

  get client(): Client {
    return this.#client!;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  output(): string {
    return this.#output;
  }

  ip(...words: string[]): string {
    return execFileSync('ip', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Runs a program on the client's side. */
  inside(...words: string[]): string {
    return this.ip('netns', 'exec', this.clientNs, ...words);
  }

  /** Runs a program on the server's side. */
  outside(...words: string[]): string {
    return this.ip('netns', 'exec', this.serverNs, ...words);
  }

  /** Text of the configuration file, for the next start. */
  configure(text: string): void {
    writeFileSync(this.path('netconf.yaml'), text);
  }

  policy(text: string, name: string): void {
    writeFileSync(join(this.folder, 'policy.d', name), text);
  }

  /** Starts the daemon, again perhaps. */
  async start(): Promise<void> {
    const places = [
      '--hooks',
      'hooks.d',
      '--plugins',
      'plugins',
      '--policy',
      'policy.d',
      '--config',
      'netconf.yaml',
    ];
    const words = places.map((word, at) => (at % 2 === 0 ? word : this.path(word)));
    const socket = join(this.run, 'control');
    const daemon = [process.execPath, programs.netconfd, '--json', '--socket', socket, ...words];
    const script = `${this.#mounts}\nexec "$@"`;
    const line = ['netns', 'exec', this.clientNs, 'sh', '-ec', script, 'sh', ...daemon];
    const child = spawn('ip', line, {
      cwd: '/',
      env: { PATH: process.env.PATH, NETCONF_LAB: this.folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#daemon = child;
    let ready = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      ready ||= text.includes('daemon.ready');
      this.#read(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
    await until('the daemon', () => {
      if (child.exitCode !== null) throw new Error(`netconfd ended: ${this.#output}`);
      return ready;
    });
    this.#client = await connect({ socket });
  }

  /** Ends the daemon when it has nothing to do: whose code runs in that moment is not loaded by the next one. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, signal === 'SIGKILL' ? 300 : 0));
    const child = this.#daemon!;
    const ended = new Promise(resolve => child.once('close', resolve));
    child.kill(signal);
    // Not before: what follows from a client that is gone would be at work in that moment.
    this.#client?.close();
    await ended;
  }

  /** Starts a program that goes on, and ends with this, or when it is told to. */
  spawn(namespace: string, ...words: string[]): (signal?: NodeJS.Signals) => Promise<void> {
    const child = spawn('ip', ['netns', 'exec', namespace, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#children.add(child);
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    const ended = new Promise<void>(resolve => child.once('close', () => resolve()));
    return async (signal = 'SIGTERM') => {
      child.kill(signal);
      await ended;
    };
  }

  async operate(request: 'Up' | 'Down', on: string, parameters: object = {}) {
    const { results } = await this.client.call(request, { interface: on, ...parameters });
    return results![0]!;
  }

  /** Addresses of a link on the client's side with their lengths, without those of the link's own; throws where it is not there. */
  addressesOf(link: string, family: 4 | 6): string[] {
    const found = JSON.parse(
      this.ip('-n', this.clientNs, '-j', `-${family}`, 'addr', 'show', 'dev', link),
    ) as { addr_info?: { local: string; prefixlen: number; scope: string }[] }[];
    return (found[0]?.addr_info ?? [])
      .filter(({ scope }) => family === 4 || scope === 'global')
      .map(({ local, prefixlen }) => `${local}/${prefixlen}`);
  }

  /** Processes on the client's side with this word in the name of their program. */
  processes(word: string): number[] {
    const pids = this.ip('netns', 'pids', this.clientNs).split('\n');
    return pids
      .filter(pid => pid !== '')
      .map(Number)
      .filter(pid => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0]!.includes(word);
        } catch {
          return false;
        }
      });
  }

  /** The first event of this name, and for which `where` holds, since `after`, an index into `events`. */
  protected comes(
    name: string,
    after: number,
    where: (event: EventJson & { data: Data }) => boolean,
    ms?: number,
  ): Promise<EventJson & { data: Data }> {
    const look = () => this.events.slice(after).find(event => event.name === name && where(event));
    return until(`event ${name}`, look, ms).catch((error: Error) => {
      const told = this.events.map(({ name, interface: on }) => `${name} ${on ?? ''}`).join(', ');
      throw new Error(`${error.message}\n${told}\n${this.#output.slice(-3000)}\n${this.logs()}`);
    });
  }

  /** What else to print where an event does not come. */
  protected logs(): string {
    return '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client?.close();
    if (this.#daemon?.exitCode === null && this.#daemon.signalCode === null) await this.kill('SIGTERM');
    this.remove();
  }

  /** Ends all that runs in it, at once. */
  remove(): void {
    all.delete(this);
    for (const child of this.#children) child.kill('SIGKILL');
    this.#daemon?.kill('SIGKILL');
    for (const namespace of [this.clientNs, this.serverNs]) removeNamespace(namespace);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{"id":')) this.events.push(JSON.parse(line));
  }
}
