import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { until } from '../../until.ts';

let made = 0;

/** What a server said of who asks, or why nobody was reached. */
export interface Answer {
  /** The address that the server sees. */
  from?: string;
  /** Where it was reached. */
  to?: string;
  port?: number;
  text?: string;
  /** `ECONNREFUSED`, `EHOSTUNREACH`…, or `timeout`. */
  error?: string;
}

export interface Connecting {
  protocol?: 'tcp' | 'udp';
  host: string;
  port: number;
  from?: string;
  /** Name under which the connection is kept, to `say` more. */
  keep?: string;
}

/** Network namespaces with cables between them, and a process in each that listens and connects. */
export class Lab implements AsyncDisposable {
  readonly #prefix = `fw${process.pid}-${++made}`;
  readonly #names = new Set<string>();
  readonly #hosts = new Map<string, Host>();

  /** The namespace of a host; made when it is first asked for, with `lo` up, and without duplicate address detection. */
  ns(host: string): string {
    const name = `${this.#prefix}${host}`;
    if (!this.#names.has(name)) {
      this.#names.add(name);
      execFileSync('ip', ['netns', 'add', name]);
      execFileSync('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
      for (const each of ['all', 'default']) this.sysctl(host, `net/ipv6/conf/${each}/accept_dad`, '0');
    }
    return name;
  }

  /** Runs `ip` with the words of one line. */
  ip(host: string, words: string): string {
    return execFileSync('ip', ['-n', this.ns(host), ...words.split(' ')], { encoding: 'utf8' });
  }

  exec(host: string, program: string, ...words: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.ns(host), program, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  sysctl(host: string, name: string, value?: string): string {
    const file = `/proc/sys/${name}`;
    if (value === undefined) return this.exec(host, 'cat', file).trim();
    return this.exec(host, 'sh', '-c', `echo ${value} >${file}`);
  }

  /** A cable; both ends are up and have the addresses given. */
  cable(a: [host: string, link: string, ...addresses: string[]], b: typeof a): void {
    const [[hostA, linkA], [hostB, linkB]] = [a, b];
    this.ip(hostA, `link add ${linkA} type veth peer name ${linkB} netns ${this.ns(hostB)}`);
    for (const [host, link, ...addresses] of [a, b]) {
      this.ip(host, `link set ${link} up`);
      for (const address of addresses) this.ip(host, `address add ${address} dev ${link}`);
    }
  }

  /** Several hosts on one segment, behind the link of the first. */
  segment(name: string, ...ends: [host: string, link: string, ...addresses: string[]][]): void {
    this.ip(name, 'link add bridge type bridge');
    this.ip(name, 'link set bridge up');
    ends.forEach((end, at) => {
      this.cable([name, `port${at}`], end);
      this.ip(name, `link set port${at} master bridge`);
    });
  }

  /** The ICMP errors that reach a host while something is done, as tcpdump(8) prints them. */
  async refusals(host: string, wanted: RegExp, work: () => Promise<unknown>): Promise<string> {
    const filter = 'icmp[icmptype] == icmp-unreach or (icmp6 and ip6[40] == 1)';
    const words = ['netns', 'exec', this.ns(host), 'tcpdump', '-l', '-n', '-i', 'any', filter];
    const child = spawn('ip', words, { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
    const ended = new Promise(resolve => child.on('close', resolve));
    await until('tcpdump', () => said.includes('listening on'));
    await work();
    await until('an ICMP error', () => wanted.test(text), 3000).catch(() => undefined);
    child.kill('SIGINT');
    await ended;
    return text;
  }

  host(name: string): Host {
    const known = this.#hosts.get(name);
    if (known !== undefined) return known;
    const host = new Host(this.ns(name));
    this.#hosts.set(name, host);
    return host;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#hosts.values()].map(host => host.end()));
    for (const name of this.#names) execFileSync('ip', ['netns', 'delete', name]);
  }
}

export class Host {
  readonly #child: ChildProcess;
  readonly #answers = new Map<number, (answer: Answer) => void>();
  #asked = 0;

  constructor(namespace: string) {
    const script = fileURLToPath(new URL('host-process.mjs', import.meta.url));
    this.#child = spawn('ip', ['netns', 'exec', namespace, process.execPath, script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface(this.#child.stdout!).on('line', line => {
      const { id, answer } = JSON.parse(line) as { id: number; answer: Answer };
      this.#answers.get(id)?.(answer);
    });
  }

  listen(port: number, protocol: 'tcp' | 'udp' = 'tcp', address?: string): Promise<Answer> {
    return this.#ask('listen', { port, protocol, address });
  }

  /** Addresses from which its servers for UDP have been asked. */
  async heard(): Promise<string[]> {
    return ((await this.#ask('heard', {})) as { heard: string[] }).heard;
  }

  /** An FTP server with one file. */
  ftp(port: number, root: string): Promise<Answer> {
    return this.#ask('ftp', { port, root });
  }

  connect(options: Connecting): Promise<Answer> {
    return this.#ask('connect', { ...options });
  }

  say(connection: string, text: string): Promise<Answer> {
    return this.#ask('say', { connection, text });
  }

  async end(): Promise<void> {
    const ended = new Promise(resolve => this.#child.on('close', resolve));
    this.#child.stdin?.end();
    await ended;
  }

  #ask(command: string, options: Record<string, unknown>): Promise<Answer> {
    const id = ++this.#asked;
    return new Promise(resolve => {
      this.#answers.set(id, resolve);
      this.#child.stdin?.write(`${JSON.stringify({ id, command, ...options })}\n`);
    });
  }
}
