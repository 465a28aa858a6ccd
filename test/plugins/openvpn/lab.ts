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
import { type Client, connect } from '../../../core/control/client.ts';
import { programs, until } from '../../daemon.ts';
import { root } from '../../imports.ts';
import { removeNamespace } from '../../remove-namespace.ts';
import { transfers } from '../../transfer.ts';

let made = 0;
/** Those that are there: what the end of the process has to remove. */
const labs = new Set<VpnLab>();
process.once('exit', () => {
  for (const lab of labs) lab.remove();
  if (keys !== undefined) rmSync(keys, { recursive: true, force: true });
});

let keys: string | undefined;

/** Self-signed certificates of server, client and stranger, which know each other by fingerprint. */
export function certificates(): string {
  if (keys !== undefined) return keys;
  const folder = mkdtempSync(join(tmpdir(), 'netconf-keys-'));
  keys = folder;
  for (const name of ['server', 'client', 'stranger']) {
    const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
    const kind = [
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ];
    execFileSync('openssl', ['req', ...kind, '-subj', `/CN=${name}`, '-keyout', key, '-out', certificate], {
      stdio: 'ignore',
    });
  }
  return folder;
}

export function fingerprint(name: string): string {
  const words = ['x509', '-in', join(certificates(), `${name}.crt`), '-noout', '-fingerprint', '-sha256'];
  return execFileSync('openssl', words, { encoding: 'utf8' }).trim().split('=')[1]!;
}

/**
 * A host with a daemon and an OpenVPN server, in network namespaces of their own: `w0` of the host (10.5.0.2) leads to
 * `s0` of the server (10.5.0.1), behind which is 198.51.100.1, the rest of the world. All of it is gone when it is
 * disposed of.
 */
export class VpnLab implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'netconf-vpn-'));
  readonly run = join(this.folder, 'run');
  readonly events: EventJson[] = [];
  readonly #name = `vpn${process.pid}-${++made}`;
  readonly #children = new Set<ChildProcess>();
  #daemon: ChildProcess | undefined;
  #client: Client | undefined;
  readonly #mounts: string;
  #output = '';
  #rest = '';

  /**
   * @param configuration netconf.yaml
   * @param mounts shell lines that are run in the daemon's mount namespace before it starts
   */
  constructor(configuration = '', mounts = '') {
    this.#mounts = mounts;
    for (const side of ['s', 'c']) this.#ip('netns', 'add', `${this.#name}${side}`);
    labs.add(this);
    this.#ip('-n', this.serverNs, 'link', 'add', 's0', 'type', 'veth', 'peer', 'w0', 'netns', this.clientNs);
    for (const [namespace, link] of [
      [this.serverNs, 's0'],
      [this.clientNs, 'w0'],
      [this.serverNs, 'lo'],
      [this.clientNs, 'lo'],
    ] as const)
      this.#ip('-n', namespace, 'link', 'set', link, 'up');
    this.#ip('-n', this.serverNs, 'addr', 'add', '10.5.0.1/24', 'dev', 's0');
    this.#ip('-n', this.serverNs, 'addr', 'add', '198.51.100.1/32', 'dev', 'lo');
    this.#ip('-n', this.clientNs, 'addr', 'add', '10.5.0.2/24', 'dev', 'w0');
    this.#ip('-n', this.clientNs, 'route', 'add', 'default', 'via', '10.5.0.1');
    for (const each of ['hooks.d', 'plugins', 'policy.d', 'run', 'openvpn'])
      mkdirSync(join(this.folder, each));
    this.configure(configuration);
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

  inside(...words: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.clientNs, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  outside(...words: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.serverNs, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  configure(text: string): void {
    writeFileSync(join(this.folder, 'netconf.yaml'), text);
  }

  policy(text: string, name = 'tun0'): void {
    writeFileSync(join(this.folder, 'policy.d', name), text);
  }

  /** `startat OpenVPN` with a client's configuration; `cfg` are more lines of its section. */
  vpn(cfg: readonly string[] = [], lines: readonly string[] = clientLines()): string {
    const config = this.config('work', lines);
    this.policy(`[IFUP]\nstartat OpenVPN\n[cfg OpenVPN]\nconfig ${config}\n${cfg.join('\n')}\n`);
    return config;
  }

  /** A configuration of OpenVPN. */
  config(name: string, lines: readonly string[]): string {
    const file = join(this.folder, 'openvpn', `${name}.conf`);
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
    return file;
  }

  /** Starts the daemon, again perhaps. */
  async start(): Promise<void> {
    const { folder } = this;
    const path = (name: string) => join(folder, name);
    const places = ['--hooks', path('hooks.d'), '--plugins', path('plugins'), '--policy', path('policy.d')];
    const words = [
      '--socket',
      join(this.run, 'control'),
      ...places,
      '--config',
      path('netconf.yaml'),
      '--json',
    ];
    const script = `${this.#mounts}\nexec "$@"`;
    const daemon = ['sh', '-ec', script, 'sh', process.execPath, programs.netconfd, ...words];
    const all = ['netns', 'exec', this.clientNs, ...daemon];
    const child = spawn('ip', all, {
      cwd: '/',
      env: { PATH: process.env.PATH, NETCONF_LAB: folder },
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
    this.#client = await connect({ socket: join(this.run, 'control') });
  }

  /** An operation in a process of its own, as ifup without a daemon: its state, outcome and message. */
  alone(request: 'ifup' | 'ifdown', dev = 'tun0'): (string | null)[] {
    const options = {
      socket: join(this.run, 'control'),
      config: join(this.folder, 'netconf.yaml'),
      policy: [join(this.folder, 'policy.d')],
      plugins: [join(root, 'dist/plugins')],
      methods: [join(root, 'dist/methods')],
    };
    const code = `
      import { standalone } from '${root}/core/standalone.ts';
      const netconf = await standalone(${JSON.stringify(options)});
      const [result] = await netconf.operate('${request}', { interface: '${dev}' });
      await netconf.close();
      console.log(JSON.stringify([result.state, result.outcome, result.message]));
      process.exit();`;
    const node = [process.execPath, '--import', `${root}/node_modules/tsx/dist/esm/index.mjs`];
    const words = ['netns', 'exec', this.clientNs, ...node, '--input-type=module', '-e', code];
    const output = execFileSync('ip', words, { cwd: root, encoding: 'utf8', timeout: 60_000 });
    return JSON.parse(output.trim().split('\n').at(-1)!) as (string | null)[];
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

  /** An OpenVPN server, 10.7.0.1 within, with more options; ends when it is told to. */
  async server(...options: string[]): Promise<() => Promise<void>> {
    const folder = certificates();
    const words = ['--dev', 'vpns', '--dev-type', 'tun', '--port', '1195', '--proto', 'udp', '--dh', 'none'];
    words.push('--server', '10.7.0.0', '255.255.255.0', '--topology', 'subnet', '--keepalive', '1', '4');
    words.push('--cert', join(folder, 'server.crt'), '--key', join(folder, 'server.key'));
    words.push('--peer-fingerprint', fingerprint('client'), '--push', 'dhcp-option DNS 10.7.0.53');
    words.push('--push', 'dhcp-option DOMAIN vpn.example', '--push', 'route 10.99.0.0 255.255.0.0');
    const heard = this.#output.length;
    const end = this.spawn(this.serverNs, 'openvpn', ...words, '--verb', '3', ...options);
    await until('the server', () => this.#output.slice(heard).includes('Initialization Sequence Completed'));
    return end;
  }

  spawn(namespace: string, ...words: string[]): () => Promise<void> {
    const child = spawn('ip', ['netns', 'exec', namespace, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#children.add(child);
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
      });
    const ended = new Promise<void>(resolve => child.once('close', () => resolve()));
    return async () => {
      child.kill('SIGTERM');
      await ended;
    };
  }

  async up(dev = 'tun0', parameters: object = {}) {
    const { results } = await this.client.call('Up', { interface: dev, ...parameters });
    return results![0]!;
  }

  async down(dev = 'tun0') {
    const { results } = await this.client.call('Down', { interface: dev });
    return results![0]!;
  }

  /** Does a ping come back? */
  pings(address: string): boolean {
    try {
      this.inside('ping', '-c', '1', '-W', '1', address);
      return true;
    } catch {
      return false;
    }
  }

  /** Waits until a ping comes back: the machine may be busy. */
  async reaches(address: string): Promise<void> {
    await until(`a ping to ${address}`, () => this.pings(address), 30_000);
  }

  /** Counts, from now on, what comes to the server in the clear: all but the VPN's own packets, and IPv6's own. */
  countCleartext(): void {
    const rules = [
      'add table inet seen',
      'add chain inet seen in { type filter hook prerouting priority -300; }',
      'add rule inet seen in iifname s0 meta l4proto ipv6-icmp accept',
      'add rule inet seen in iifname s0 udp dport { 1195, 51820 } accept',
      'add rule inet seen in iifname s0 counter',
    ];
    this.outside('sh', '-c', `nft -f - <<'EOF'\n${rules.join('\n')}\nEOF`);
  }

  cleartext(): number {
    const counter = this.outside('nft', 'list', 'chain', 'inet', 'seen', 'in');
    return Number(/counter packets (\d+)/.exec(counter)![1]);
  }

  /** Sends a datagram from the host. */
  datagram(to: string, port: number, ...options: string[]): void {
    try {
      this.inside('sh', '-c', `echo x | socat -u - UDP:${[`${to}:${port}`, ...options].join()}`);
    } catch {
      // The kernel says that it may not be sent.
    }
  }

  /** Whether bytes sent by TCP come to the server as they were. */
  transfers(address: string): Promise<boolean> {
    return transfers(this.clientNs, this.serverNs, address);
  }

  /** Addresses of a link with their lengths; undefined when there is no such link. */
  addresses(dev = 'tun0'): string[] | undefined {
    try {
      const [link] = JSON.parse(this.#ip('-n', this.clientNs, '-j', 'addr', 'show', 'dev', dev)) as {
        addr_info?: { local: string; prefixlen: number; scope: string }[];
      }[];
      const found = (link?.addr_info ?? []).filter(({ scope }) => scope === 'global');
      return found.map(({ local, prefixlen }) => `${local}/${prefixlen}`);
    } catch {
      return undefined;
    }
  }

  /** What netconf added: routes and rules, of both families. */
  ways(): string[] {
    const lines = ['-4', '-6'].flatMap(family => [
      ...this.#ip('-n', this.clientNs, '-N', family, 'route', 'show', 'table', 'all', 'proto', '110').split(
        '\n',
      ),
      ...this.#ip('-n', this.clientNs, '-N', family, 'rule', 'show').split('\n'),
    ]);
    return lines
      .filter(line => !/^$|^(0|32766|32767):/.test(line))
      .map(line =>
        line
          .replace(/ (proto 110|metric 1024|pref medium|scope 253|linkdown)/g, '')
          .replaceAll(/\s+/g, ' ')
          .trim(),
      );
  }

  /** Processes on the host's side with this word in the name of their program. */
  processes(word = 'openvpn'): number[] {
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

  /** Files that the plugin keeps. */
  kept(): string[] {
    const folder = join(this.run, 'openvpn');
    return existsSync(folder) ? readdirSync(folder).filter(name => !name.startsWith('.')) : [];
  }

  names(): string[] {
    return this.events.filter(({ name }) => name.startsWith('vpn.')).map(({ name }) => name);
  }

  /** The first event of this name since `after`, an index into `events`. */
  event(name: string, after = 0, ms?: number): Promise<EventJson> {
    const look = () => this.events.slice(after).find(event => event.name === name);
    return until(`event ${name}`, look, ms).catch((error: Error) => {
      const told = this.events.map(({ name, interface: on }) => `${name} ${on ?? ''}`).join(', ');
      throw new Error(`${error.message}\n${told}\n${this.#output.slice(-3000)}\n${this.logs()}`);
    });
  }

  /** The end of what OpenVPN has printed on the host's side. */
  logs(): string {
    return this.kept()
      .filter(name => name.endsWith('.log'))
      .map(name => readFileSync(join(this.run, 'openvpn', name), 'utf8').slice(-20_000))
      .join('\n');
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
    return execFileSync('ip', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{"id":')) this.events.push(JSON.parse(line));
  }
}

/** The client's configuration; `who` has another certificate, `knows` another fingerprint of the server. */
export function clientLines({ who = 'client', knows = 'server' } = {}): string[] {
  const folder = certificates();
  const files = [`cert ${join(folder, `${who}.crt`)}`, `key ${join(folder, `${who}.key`)}`];
  const way = ['client', 'dev tun', 'nobind', 'remote 10.5.0.1 1195 udp', 'connect-retry 1 2'];
  return [...way, ...files, `peer-fingerprint ${fingerprint(knows)}`];
}
