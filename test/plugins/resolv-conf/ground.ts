// Over 250 lines: a machine of a test's own, and all that is done in it.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { EventJson } from '../../../core/bus/event.ts';
import { type Client, connect } from '../../../core/control/client.ts';
import type { DnsState } from '../../../plugins/resolv-conf/events.ts';
import { programs, until } from '../../daemon.ts';
import { merge } from '../../debian-package.ts';
import { script as reportScript } from '../../dhcp/report.ts';

let made = 0;
const grounds = new Set<Ground>();
process.once('exit', () => {
  for (const ground of grounds) ground.remove();
});

/** Tells of tunnels, as plugins that run VPNs do. */
const tunnels = `
export default {
  name: 'tunnels',
  events: ['vpn'],
  apply(netconf) {
    for (const what of ['up', 'down', 'reconnecting'])
      netconf.on('tunnel-' + what, event =>
        netconf.emit('vpn.' + what, event.data, { interface: event.data.dev }));
  },
};
`;

/** The clock of the daemon's machine is set: forwards, or back. */
const clock = `
export default {
  name: 'clock',
  apply(netconf) {
    const real = Date.now;
    netconf.on('clock-is-set', event => {
      Date.now = () => real() + event.data.ms;
    });
  },
};
`;

export interface GroundOptions {
  /** Options of the plugin, beside the file /etc/resolv.conf, which is not named where it is null; false: no plugin. */
  options?: Readonly<Record<string, unknown>> | false;
  /** Where if-up.d lies. @default an empty folder */
  scripts?: string;
  /** More lines of netconf.yaml, outside of `plugins`. */
  configuration?: string;
  /** Text of interfaces(5). */
  interfaces?: string;
  /** Text of /etc/resolv.conf at first; none without. */
  before?: string;
  /** Unpacked packages whose files lie over /usr and /etc. */
  packages?: readonly string[];
  /** Shell lines that are run in the mount namespace at first, as the last. */
  mounts?: string;
}

/**
 * A network namespace with the links e0 and e1 (their peers p0 and p1), and a mount namespace with an /etc and a /run of
 * its own, both of which live longer than the daemons in them: nothing of it touches the machine.
 */
export class Ground implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'netconf-dns-'));
  readonly run = join(this.folder, 'run');
  readonly events: EventJson[] = [];
  /** Of its network namespace. */
  readonly name = `dns${process.pid}-${++made}`;
  readonly #holder: ChildProcess;
  readonly #more: string;
  readonly #scripts: string;
  readonly #children = new Set<ChildProcess>();
  #daemon: ChildProcess | undefined;
  #client: Client | undefined;
  #output = '';

  constructor({
    options = {},
    configuration = '',
    interfaces = '',
    scripts,
    before,
    packages = [],
    mounts = '',
  }: GroundOptions = {}) {
    for (const each of ['run', 'plugins', 'hooks.d', 'policy.d', 'etc', 'scripts'])
      mkdirSync(join(this.folder, each), { recursive: true });
    for (const root of packages) merge(root, join(this.folder, 'packages'));
    this.write('plugins/tunnels.mjs', tunnels);
    this.write('plugins/clock.mjs', clock);
    this.write('interfaces', interfaces);
    this.#more = configuration;
    this.#scripts = scripts ?? join(this.folder, 'scripts');
    this.configure(options);
    this.#ip('netns', 'add', this.name);
    grounds.add(this);
    const packed = existsSync(join(this.folder, 'packages'));
    const setup = [
      // Of /etc a copy: what is written there is the test's.
      `cp -a /etc/. ${this.folder}/etc; rm -f ${this.folder}/etc/resolv.conf*`,
      packed ? `cp -a ${this.folder}/packages/etc/. ${this.folder}/etc 2>/dev/null || :` : '',
      packed ? overlay(join(this.folder, 'packages/usr'), this.folder) : '',
      `mount --bind ${this.folder}/etc /etc`,
      // Names of network namespaces are the machine's.
      `mkdir ${this.folder}/netns; mount --rbind /run/netns ${this.folder}/netns`,
      'mount -t tmpfs tmpfs /run; mkdir /run/netns',
      `mount --rbind ${this.folder}/netns /run/netns`,
      before === undefined ? '' : `printf %s "$BEFORE" >/etc/resolv.conf`,
      mounts,
      'echo ready; exec sleep 1000000',
    ];
    const words = ['netns', 'exec', this.name, 'unshare', '-m', 'sh', '-ec', setup.join('\n')];
    const env = { PATH: process.env.PATH, BEFORE: before ?? '' };
    this.#holder = spawn('ip', words, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  }

  get client(): Client {
    return this.#client!;
  }

  output(): string {
    return this.#output;
  }

  write(name: string, text: string, mode = 0o644): string {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  }

  /** Writes netconf.yaml with these options of the plugin. */
  configure(options: GroundOptions['options'] = {}): void {
    const { file = '/etc/resolv.conf', ...others } = options === false ? {} : options;
    const plugins = {
      'resolv-conf': options === false ? false : { ...(file !== null && { file }), ...others },
      interfaces: { file: join(this.folder, 'interfaces'), scripts: this.#scripts },
      dhcp: { foreign: false },
    };
    this.write('netconf.yaml', `plugins: ${JSON.stringify(plugins)}\n${this.#more}\n`);
  }

  /** Makes the links. */
  async begin(): Promise<this> {
    const holder = this.#holder;
    let ready = false;
    holder.stdout!.once('data', () => {
      ready = true;
    });
    await until('the namespaces', () => {
      if (holder.exitCode !== null) throw new Error('they could not be made');
      return ready;
    });
    this.inside(`
      ip link set lo up
      for n in 0 1; do ip link add e$n type veth peer name p$n; ip link set e$n up; ip link set p$n up; done
    `);
    return this;
  }

  /** Starts the daemon, again perhaps. */
  async start(...more: string[]): Promise<this> {
    const words = [process.execPath, programs.netconfd, ...this.#flags(), '--json', ...more];
    const child = spawn('nsenter', [...this.#inside(), ...words], {
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH },
    });
    this.#daemon = child;
    let ready = false;
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (!line.startsWith('{"id":')) continue;
        const event = JSON.parse(line) as EventJson;
        this.events.push(event);
        ready ||= event.name === 'daemon.ready';
      }
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
    await until('the daemon', () => {
      if (child.exitCode !== null) throw new Error(`netconfd ended: ${this.#output}`);
      return ready;
    });
    this.#client = await connect({ socket: join(this.run, 'control') });
    return this;
  }

  /** Ends the daemon. Whose code runs in that moment is not loaded by the next one: so not at once. */
  async kill(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, signal === 'SIGKILL' ? 300 : 0));
    this.#client?.close();
    const child = this.#daemon!;
    this.#daemon = undefined;
    const ended = new Promise(resolve => child.once('close', resolve));
    // nsenter executes the daemon: it is the process.
    child.kill(signal);
    await ended;
  }

  /** Ends the daemon at its first of these system calls that names the path, or what is to be put there. False where it does not come to that. */
  async dieAt(calls: readonly string[], path: string, work: () => Promise<unknown>): Promise<boolean> {
    const child = this.#daemon!;
    const names = calls.map(call => `?${call}`).join();
    const injection = ['-e', `trace=${names}`, '-e', `inject=${names}:signal=SIGKILL:when=1`];
    const tracer = this.background(
      'strace',
      '-f',
      '-p',
      String(child.pid),
      '-P',
      path,
      '-P',
      `${path}.netconf-new`,
      ...injection,
    );
    await until('strace', () => /attached|cannot|not permitted/i.test(this.#output));
    work().catch(() => undefined);
    const died = await until(
      'its end',
      () => child.exitCode !== null || child.signalCode !== null,
      10_000,
    ).then(
      () => true,
      () => false,
    );
    if (died) this.#daemon = undefined;
    else tracer.kill('SIGTERM');
    this.#client?.close();
    return died;
  }

  /** Runs shell lines where the daemon is. */
  inside(script: string): string {
    return execFileSync('nsenter', [...this.#inside(), 'sh', '-ec', script], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** The same, with what it comes to. */
  tryInside(script: string) {
    return spawnSync('nsenter', [...this.#inside(), 'sh', '-c', script], { encoding: 'utf8' });
  }

  /** A program that runs there until the end. */
  background(...words: string[]): ChildProcess {
    const child = spawn('nsenter', [...this.#inside(), ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    this.#children.add(child);
    return child;
  }

  /** The text of a file there; undefined without one. */
  text(path = '/etc/resolv.conf'): string | undefined {
    const { status, stdout } = this.tryInside(`cat ${path}`);
    return status === 0 ? stdout : undefined;
  }

  /** What resolvers read: the lines that are no comments. */
  lines(path?: string): string[] {
    return (this.text(path) ?? '').split('\n').filter(line => line !== '' && !line.startsWith('#'));
  }

  /** Waits until resolvers read exactly these lines. */
  async reads(...lines: string[]): Promise<void> {
    await until('resolv.conf', () => this.lines().join('\n') === lines.join('\n')).catch((error: Error) => {
      throw new Error(
        `${error.message}\nwanted: ${lines.join('\n')}\nfound: ${this.text()}\n${this.#output.slice(-3000)}`,
      );
    });
  }

  async says(pattern: RegExp): Promise<void> {
    await until(`${pattern} in the log`, () => pattern.test(this.#output)).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.#output.slice(-3000)}`);
    });
  }

  /** How often the log says it. */
  count(pattern: RegExp): number {
    return this.#output.split('\n').filter(line => pattern.test(line)).length;
  }

  async up(name: string, more: object = {}) {
    const { results } = await this.client.call('Up', { interface: name, ...more });
    return results![0]!;
  }

  async down(name: string) {
    const { results } = await this.client.call('Down', { interface: name });
    return results![0]!;
  }

  /** What netconf explains. */
  explain(...words: string[]): string {
    const env = { PATH: process.env.PATH, NETCONF_SOCKET: join(this.run, 'control') };
    return execFileSync(process.execPath, [programs.netconf, 'explain', ...words], { encoding: 'utf8', env });
  }

  /** The shell's words for an ifup or ifdown without a daemon. */
  command(name: 'ifup' | 'ifdown', ...words: string[]): string {
    const program = join(dirname(programs.netconf), `${name}.cjs`);
    const flags = `--standalone --config ${this.folder}/netconf.yaml --socket ${this.run}/control`;
    return `${process.execPath} ${program} ${flags} ${words.join(' ')}`;
  }

  async tunnel(what: 'up' | 'down' | 'reconnecting', data: Record<string, unknown>): Promise<void> {
    await this.client.call('Emit', { event: `tunnel-${what}`, data });
  }

  /** What dhclient tells of a lease with these variables (`domain_name_servers`), as the report script writes it down. */
  lease(on: string, values: Readonly<Record<string, string>> | undefined, reason = 'BOUND'): void {
    const all = { ip_address: '10.0.0.100', subnet_mask: '255.255.255.0', dhcp_lease_time: '600', ...values };
    const entries = Object.entries(values === undefined ? {} : all).map(([name, value]) => [
      `new_${name}`,
      value,
    ]);
    // The shell is the client: one of another network namespace would not be heard.
    const env = {
      PATH: process.env.PATH,
      reason,
      interface: on,
      // One client for all of them.
      pid: String(this.#holder.pid),
      ...Object.fromEntries(entries),
      NETCONF_DHCP: join(this.run, 'dhcp'),
    };
    execFileSync('nsenter', [...this.#inside(), 'sh', '-c', `${reportScript}; :`], { env });
  }

  /** The last of these events. */
  state(): DnsState | undefined {
    return this.events.findLast(({ name }) => name === 'dns.changed')?.data as DnsState | undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#daemon !== undefined) await this.kill();
    this.remove();
  }

  remove(): void {
    if (!grounds.delete(this)) return;
    this.#client?.close();
    for (const child of [this.#daemon, ...this.#children]) child?.kill('SIGKILL');
    // sleep(1) is the shell, which is unshare, which is ip: one process.
    this.#holder.kill('SIGKILL');
    for (const pid of this.#ip('netns', 'pids', this.name).split('\n').filter(Boolean)) kill(Number(pid));
    this.#ip('netns', 'del', this.name);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #flags(): string[] {
    const path = (name: string) => join(this.folder, name);
    const directories = [
      '--hooks',
      path('hooks.d'),
      '--plugins',
      path('plugins'),
      '--policy',
      path('policy.d'),
    ];
    return ['--socket', join(this.run, 'control'), ...directories, '--config', path('netconf.yaml')];
  }

  #inside(): string[] {
    return ['-t', String(this.#holder.pid), '-m', '-n', '--'];
  }

  #ip(...words: string[]): string {
    return execFileSync('ip', words, { encoding: 'utf8' });
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

function overlay(lower: string, folder: string): string {
  return `
    mkdir -p ${folder}/upper-usr ${folder}/work-usr
    mount -t overlay overlay -o lowerdir=${lower}:/usr,upperdir=${folder}/upper-usr,workdir=${folder}/work-usr /usr
  `;
}
