import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EventJson } from '../core/bus/event.ts';
import { type Client, connect } from '../core/control/client.ts';
import { isRoot } from './setup.ts';
import { patience, until } from './until.ts';

export { until } from './until.ts';

/** The built programs: `pretest` makes them. */
export const programs = {
  netconfd: fileURLToPath(new URL('../dist/netconfd.cjs', import.meta.url)),
  netconf: fileURLToPath(new URL('../dist/netconf.cjs', import.meta.url)),
};

export interface DaemonSetup {
  /** More words for its command line. */
  args?: readonly string[];
  /**
   * Name of a network namespace to run in; true makes one of its own, which `stop` removes; false is the machine's.
   * @default true for root, else false
   */
  netns?: string | boolean;
  /** Files by name below the hook directory (`link.carrier.d/50-x`), all executable; or a directory to copy. */
  hooks?: Readonly<Record<string, string>> | string;
  /** Files by name below the plugin directory; or a directory to copy. */
  plugins?: Readonly<Record<string, string>> | string;
  /** Files by name in the directory of policies; or a directory to copy. */
  policies?: Readonly<Record<string, string>> | string;
  /** Text of the configuration file (YAML). @default empty, so that nothing of the machine's is read */
  configuration?: string;
  /** Holds everything of it, and is kept when it ends: for one that is started again. @default one of its own */
  folder?: string;
  /** Its environment beside PATH. */
  env?: NodeJS.ProcessEnv;
  /** Uid to run as, instead of the test's own. */
  user?: number;
  /** Events are read from its output. @default true */
  json?: boolean;
}

export interface Exit {
  status: number | null;
  signal: NodeJS.Signals | null;
}

/**
 * Starts the built daemon with its socket, hook scripts, plugins and configuration in a temporary folder, and waits
 * until it says that it is ready.
 *
 *     await using daemon = await startDaemon({ hooks: { 'link.up.d/10-hello': '#!/bin/sh\nexit 0\n' } });
 *     daemon.ip('link', 'add', 'v0', 'type', 'veth', 'peer', 'v1');
 *     await daemon.event('link.added', { interface: 'v0' });
 */
export async function startDaemon(setup: DaemonSetup = {}): Promise<TestDaemon> {
  const daemon = new TestDaemon(setup);
  try {
    await daemon.begin();
    return daemon;
  } catch (error) {
    const output = daemon.output();
    await daemon.stop().catch(() => undefined);
    throw new Error(`netconfd did not start: ${(error as Error).message}\n${output}`);
  }
}

export class TestDaemon implements AsyncDisposable {
  /** Holds everything of this daemon; removed by `stop`. */
  readonly folder: string;
  readonly socket: string;
  readonly hooks: string;
  readonly plugins: string;
  readonly policies: string;
  readonly configuration: string;
  /** Name of its network namespace; undefined in the machine's. */
  readonly netns: string | undefined;
  /** All events since its start, in order, those of the start included. */
  readonly events: EventJson[] = [];
  readonly #ownFolder: boolean;
  readonly #ownNetns: boolean;
  readonly #isAnothers: boolean;
  readonly #child: ChildProcess;
  readonly #exit: Promise<Exit>;
  #client: Client | undefined;
  #output = '';
  #rest = '';
  #ready = false;
  #exited: Exit | undefined;
  #stopped: Promise<Exit> | undefined;

  /** Use {@link startDaemon}. */
  constructor(setup: DaemonSetup) {
    this.#ownFolder = setup.folder === undefined;
    this.folder = setup.folder ?? mkdtempSync(join(tmpdir(), 'netconf-'));
    const inside = (name: string) => join(this.folder, name);
    this.socket = inside('control');
    this.hooks = inside('hooks.d');
    this.plugins = inside('plugins');
    this.policies = inside('policy.d');
    this.configuration = inside('netconf.yaml');
    const netns = setup.netns ?? isRoot;
    this.#isAnothers = setup.user !== undefined;
    this.#ownNetns = netns === true;
    this.netns = netns === true ? `nc${process.pid}-${++made}` : netns || undefined;
    if (this.#ownNetns) execFileSync('ip', ['netns', 'add', this.netns!]);
    fill(this.hooks, setup.hooks ?? {});
    fill(this.plugins, setup.plugins ?? {});
    fill(this.policies, setup.policies ?? {});
    writeFileSync(this.configuration, setup.configuration ?? '');
    if (setup.user !== undefined) handOver(this.folder, setup.user);
    const [program, ...line] = this.#commandLine(setup);
    this.#child = spawn(program!, line, {
      cwd: '/',
      env: { PATH: process.env.PATH, ...setup.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#exit = new Promise(resolve => {
      this.#child.once('error', () => resolve({ status: null, signal: null }));
      this.#child.once('close', (status, signal) => resolve({ status, signal }));
    });
    this.#exit.then(exit => {
      this.#exited = exit;
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
        if (stream === this.#child.stdout) this.#read(text);
      });
    }
    process.once('exit', this.#killNow);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get client(): Client {
    if (this.#client === undefined) throw new Error('netconfd is not ready');
    return this.#client;
  }

  /** What it has printed so far, standard output and standard error together. */
  output(): string {
    return this.#output;
  }

  /** Waits until it is ready and connects to it: `startDaemon` does that. */
  async begin(): Promise<void> {
    await until('daemon.ready', () => {
      if (this.#exited !== undefined) throw new Error(`it ended: ${JSON.stringify(this.#exited)}`);
      return this.#ready;
    });
    this.#client = await connect({ socket: this.socket, anyones: this.#isAnothers });
  }

  /** Runs `ip` in its network namespace. */
  ip(...words: string[]): string {
    const where = this.netns === undefined ? [] : ['-n', this.netns];
    return execFileSync('ip', [...where, ...words], { encoding: 'utf8' });
  }

  /** Runs the built `netconf` against it; throws when that fails. */
  netconf(...words: string[]): string {
    const env = { PATH: process.env.PATH, NETCONF_SOCKET: this.socket };
    return execFileSync(process.execPath, [programs.netconf, ...words], { encoding: 'utf8', env });
  }

  /** The first event of this name (and interface, and that fits) since `after`, an event's id; waits for it. */
  event(
    name: string,
    about: { interface?: string; after?: number; where?: (event: EventJson) => boolean } = {},
  ): Promise<EventJson> {
    const fits = (event: EventJson) =>
      event.name === name &&
      event.id > (about.after ?? 0) &&
      (about.interface === undefined || event.interface === about.interface) &&
      (about.where?.(event) ?? true);
    return until(`event ${name}`, () => this.events.find(fits)).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.#output.slice(-4000)}`);
    });
  }

  /** Ends it in order, or by force when it does not; removes its folder and its namespace. Rejects after force. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    this.#stopped ??= this.#stop(signal);
    return this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stop(signal: NodeJS.Signals): Promise<Exit> {
    this.#client?.close();
    this.#child.kill(signal);
    let forced = false;
    const timer = setTimeout(() => {
      forced = true;
      this.#killNow();
    }, patience);
    const exit = await this.#exit;
    clearTimeout(timer);
    process.off('exit', this.#killNow);
    if (this.#ownFolder) rmSync(this.folder, { recursive: true, force: true });
    if (this.#ownNetns) execFileSync('ip', ['netns', 'del', this.netns!]);
    if (forced) throw new Error(`netconfd did not end by ${signal}\n${this.#output.slice(-4000)}`);
    return exit;
  }

  readonly #killNow = () => {
    if (this.#exited === undefined) this.#child.kill('SIGKILL');
  };

  #commandLine({ args = [], user, json = true }: DaemonSetup): string[] {
    const { socket, hooks, plugins, policies, configuration } = this;
    const directories = ['--hooks', hooks, '--plugins', plugins, '--policy', policies];
    const own = ['--socket', socket, ...directories, '--config', configuration];
    const daemon = [process.execPath, programs.netconfd, ...own, ...(json ? ['--json'] : []), ...args];
    // A daemon of another user's may not enter a namespace itself.
    if (user !== undefined) {
      const as = ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', ...daemon];
      return this.netns === undefined ? as : ['ip', 'netns', 'exec', this.netns, ...as];
    }
    return this.netns === undefined ? daemon : [...daemon, '--netns', this.netns];
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.includes('daemon.ready')) this.#ready = true;
      if (!line.startsWith('{"id":')) continue;
      this.events.push(JSON.parse(line) as EventJson);
    }
  }
}

let made = 0;

/** Writes the files of a directory, all executable; a directory instead of files is copied, for its owner to write. */
export function fill(directory: string, files: Readonly<Record<string, string>> | string): void {
  mkdirSync(directory, { recursive: true });
  if (typeof files === 'string') {
    cpSync(files, directory, { recursive: true });
    execFileSync('chmod', ['-R', 'go-w', directory]);
    return;
  }
  for (const [name, text] of Object.entries(files)) {
    const file = join(directory, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, 0o755);
  }
}

/** The daemon of another user makes its socket here, and may read everything that lies here. */
function handOver(folder: string, user: number): void {
  chmodSync(folder, 0o755);
  chownSync(folder, user, user);
}
