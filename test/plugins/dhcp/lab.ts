import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventJson } from '../../../core/bus/event.ts';
import type { DhcpReport } from '../../../core/bus/lease.ts';
import { type Client, connect } from '../../../core/control/client.ts';
import { programs, until } from '../../daemon.ts';
import { removeNamespace } from '../../remove-namespace.ts';

let made = 0;
/** Those that are there: what the end of the process has to remove. */
const labs = new Set<Lab>();
process.once('exit', () => {
  for (const lab of labs) lab.remove();
});

export interface LabOptions {
  /** Files by name, in the lab's folder. */
  files?: Readonly<Record<string, string>>;
  /** Lines of the `[cfg DHCP]` section. */
  cfg?: readonly string[];
  /** More sections of the policy. */
  sections?: string;
  /** Shell lines that are run in the daemon's mount namespace before it starts. */
  mounts?: string;
}

/**
 * Two network namespaces and a cable between them: `s0` of the server (10.3.0.1/24, fd00:3::1/64) and `e0` of the client,
 * where a daemon runs. Nothing of it touches the machine; all of it is gone when it is disposed of.
 */
export class Lab implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'netconf-dhcp-'));
  readonly run = join(this.folder, 'run');
  readonly events: (EventJson & { data: DhcpReport })[] = [];
  readonly #options: LabOptions;
  readonly #name = `dhcp${process.pid}-${++made}`;
  readonly #children = new Set<ChildProcess>();
  #daemon: ChildProcess | undefined;
  #client: Client | undefined;
  #output = '';
  #rest = '';

  constructor(options: LabOptions = {}) {
    this.#options = options;
    for (const side of ['s', 'c']) this.#ip('netns', 'add', `${this.#name}${side}`);
    this.#ip('-n', this.serverNs, 'link', 'add', 's0', 'type', 'veth', 'peer', 'e0', 'netns', this.clientNs);
    this.#ip('-n', this.serverNs, 'link', 'set', 's0', 'up');
    this.#ip('-n', this.serverNs, 'addr', 'add', '10.3.0.1/24', 'dev', 's0');
    this.#ip('-n', this.serverNs, 'addr', 'add', 'fd00:3::1/64', 'dev', 's0', 'nodad');
    this.#ip('netns', 'exec', this.clientNs, 'sysctl', '-qw', 'net.ipv6.conf.e0.dad_transmits=0');
    for (const each of ['hooks.d', 'plugins', 'policy.d', 'run']) mkdirSync(join(this.folder, each));
    writeFileSync(join(this.folder, 'netconf.yaml'), '');
    const { cfg = [], sections = '' } = options;
    const policy = `[IFUP]\nstartat DHCP\n[cfg DHCP]\n${cfg.join('\n')}\n${sections}\n`;
    this.policy(policy);
    for (const [name, text] of Object.entries(options.files ?? {}))
      writeFileSync(join(this.folder, name), text);
    labs.add(this);
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

  output(): string {
    return this.#output;
  }

  /** Runs a program on the client's side. */
  inside(...words: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.clientNs, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Text of the configuration file, for the next start. */
  configure(text: string): void {
    writeFileSync(join(this.folder, 'netconf.yaml'), text);
  }

  /** What the built `netconf` says of the daemon. */
  netconf(...words: string[]): string {
    const env = { PATH: process.env.PATH, NETCONF_SOCKET: join(this.run, 'control') };
    return execFileSync(process.execPath, [programs.netconf, ...words], { encoding: 'utf8', env });
  }

  policy(text: string, name = 'e0'): void {
    writeFileSync(join(this.folder, 'policy.d', name), text);
  }

  /** Starts the daemon, again perhaps. */
  async start(): Promise<void> {
    const { folder } = this;
    const path = (name: string) => join(folder, name);
    const words = [
      '--socket',
      join(this.run, 'control'),
      '--hooks',
      path('hooks.d'),
      '--plugins',
      path('plugins'),
    ];
    words.push('--policy', path('policy.d'), '--config', path('netconf.yaml'), '--json');
    const script = `${this.#options.mounts ?? ''}\nexec "$@"`;
    const all = [
      'netns',
      'exec',
      this.clientNs,
      'sh',
      '-ec',
      script,
      'sh',
      process.execPath,
      programs.netconfd,
    ];
    const env = { PATH: process.env.PATH, NETCONF_LAB: this.folder };
    const child = spawn('ip', [...all, ...words], { cwd: '/', env, stdio: ['ignore', 'pipe', 'pipe'] });
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
    this.#client = await connect({ socket: join(this.run, 'control') });
  }

  /** Ends the daemon when it has nothing to do: whose code runs in that moment is not loaded by the next one. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, signal === 'SIGKILL' ? 300 : 0));
    this.#client?.close();
    const child = this.#daemon!;
    const ended = new Promise(resolve => child.once('close', resolve));
    child.kill(signal);
    await ended;
  }

  /** A DHCP server with these options of dnsmasq(8); ends with the lab, or when it is told to. */
  async dnsmasq(...words: string[]): Promise<() => Promise<void>> {
    const fixed = ['--keep-in-foreground', '--conf-file=/dev/null', '--port=0', '--interface=s0'];
    const files = ['--pid-file=', '--user=root', `--dhcp-leasefile=${join(this.folder, 'dnsmasq.leases')}`];
    const more = ['--bind-interfaces', '--dhcp-authoritative', '--no-ping', '--log-dhcp', '--log-facility=-'];
    const end = this.server('dnsmasq', ...fixed, ...files, ...more, ...words);
    await until('dnsmasq', () => this.listens(67) || this.listens(547));
    return end;
  }

  /**
   * ISC dhcpd of an unpacked package, whose leases may be as short as one likes.
   *
   * @param configuration for `inet` what stands in the subnet's braces
   */
  async dhcpd(root: string, configuration: string, family = 4): Promise<() => Promise<void>> {
    const path = (name: string) => join(this.folder, `dhcpd${family}.${name}`);
    const subnet = family === 4 ? 'subnet 10.3.0.0 netmask 255.255.255.0' : 'subnet6 fd00:3::/64';
    const global =
      'option wpad code 252 = text; option dhcp6.ntp-server code 56 = string; ' +
      'authoritative; ping-check false; max-lease-time 86400; min-lease-time 1;';
    writeFileSync(path('conf'), `${global}\n${subnet} { ${configuration} }\n`);
    writeFileSync(path('leases'), '', { flag: 'a' });
    const files = ['-cf', path('conf'), '-lf', path('leases'), '--no-pid'];
    const end = this.server(join(root, 'usr/sbin/dhcpd'), `-${family}`, '-f', '-d', ...files, 's0');
    const heard = this.#output.length;
    await until('dhcpd', () =>
      family === 6 ? this.listens(547) : this.#output.slice(heard).includes('Server starting service'),
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.#output.slice(heard)}`);
    });
    return end;
  }

  /** Any program on the server's side. */
  server(program: string, ...words: string[]): () => Promise<void> {
    const all = ['netns', 'exec', this.serverNs, program, ...words];
    const child = spawn('ip', all, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#children.add(child);
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    const ended = new Promise<void>(resolve => child.once('close', () => resolve()));
    return async () => {
      child.kill('SIGKILL');
      await ended;
    };
  }

  /** Is anybody on the server's side listening on this UDP port? */
  listens(port: number): boolean {
    const sockets = execFileSync('ip', ['netns', 'exec', this.serverNs, 'ss', '-Hlun'], { encoding: 'utf8' });
    return new RegExp(`[:\\]]${port} `).test(sockets);
  }

  async up(parameters: object = {}) {
    const { results } = await this.client.call('Up', { interface: 'e0', ...parameters });
    return results![0]!;
  }

  async down() {
    const { results } = await this.client.call('Down', { interface: 'e0' });
    return results![0]!;
  }

  /** Addresses of `e0` with their lengths, those of the link's own aside. */
  addresses(family = 4): string[] {
    const [link] = JSON.parse(
      this.#ip('-n', this.clientNs, '-j', `-${family}`, 'addr', 'show', 'dev', 'e0'),
    ) as {
      addr_info?: { local: string; prefixlen: number; scope: string }[];
    }[];
    const found = (link?.addr_info ?? []).filter(({ scope }) => family === 4 || scope === 'global');
    return found.map(({ local, prefixlen }) => `${local}/${prefixlen}`);
  }

  routes(): string[] {
    const found = JSON.parse(this.#ip('-n', this.clientNs, '-j', 'route', 'show', 'dev', 'e0')) as {
      dst: string;
      gateway?: string;
      protocol: string;
      metric?: number;
    }[];
    return found
      .filter(({ protocol }) => protocol !== 'kernel')
      .map(({ dst, gateway, metric }) => [dst, gateway, metric].filter(each => each !== undefined).join(' '));
  }

  /** Processes on the client's side with this word in their command line. */
  processes(word: string): number[] {
    return this.#ip('netns', 'pids', this.clientNs)
      .split('\n')
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

  /** The first event of this name since `after`, an index into `events`. */
  event(
    name: string,
    after = 0,
    where: (event: EventJson & { data: DhcpReport }) => boolean = () => true,
    ms?: number,
  ) {
    const look = () => this.events.slice(after).find(event => event.name === name && where(event));
    return until(`event ${name}`, look, ms).catch((error: Error) => {
      const told = this.events.map(({ name, interface: on }) => `${name} ${on ?? ''}`).join(', ');
      throw new Error(`${error.message}\n${told}\n${this.#output.slice(-3000)}`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client?.close();
    if (this.#daemon?.exitCode === null && this.#daemon.signalCode === null) await this.kill('SIGTERM');
    this.remove();
  }

  /** Ends all that runs in it, at once. */
  remove(): void {
    labs.delete(this);
    for (const child of this.#children) child.kill('SIGKILL');
    this.#daemon?.kill('SIGKILL');
    for (const namespace of [this.clientNs, this.serverNs]) removeNamespace(namespace);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #ip(...words: string[]): string {
    return execFileSync('ip', words, { encoding: 'utf8' });
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{"id":')) this.events.push(JSON.parse(line));
  }
}

/** Files that netconf keeps of clients and leases. */
export function keptFiles(lab: Lab): string[] {
  return ['dhcp-clients', 'leases', 'dhcp'].flatMap(each => {
    const folder = join(lab.run, each);
    return existsSync(folder) ? readdirSync(folder).map(name => `${each}/${name}`) : [];
  });
}

/**
 * For `mounts`: dhcpcd of an unpacked package in a place where programs are looked for, with folders of its own for what
 * it keeps.
 */
export function dhcpcdIn(root: string): string {
  return `
mkdir -p "$NETCONF_LAB/bin" "$NETCONF_LAB/dhcpcd"
[ -e "$NETCONF_LAB/bin/dhcpcd" ] || cp -a ${root}/usr/sbin/dhcpcd "$NETCONF_LAB/bin/dhcpcd"
mount --bind "$NETCONF_LAB/bin" /usr/local/sbin
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/lib
mkdir /run/dhcpcd /var/lib/dhcpcd
mount --bind "$NETCONF_LAB/dhcpcd" /run/dhcpcd`;
}
