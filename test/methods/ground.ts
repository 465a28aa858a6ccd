import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../until.ts';

export const methodsDirectory = fileURLToPath(new URL('../../methods/linux/', import.meta.url));

/** The shells that methods must run under. */
export const shells = ['dash', 'busybox sh'];

export interface Result {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface MethodOptions {
  interface?: string;
  family?: string;
  handle?: string;
  /** Put before PATH: programs that stand in for others. */
  standIns?: string;
}

const ip = execFileSync('sh', ['-c', 'command -v ip || echo ip'], { encoding: 'utf8' }).trim();
let next = 0;

/**
 * A network namespace with a pair of links: `near`, down, for methods to configure, and `far`, up, its peer. Addresses of
 * IPv6 need no duplicate detection here unless `dad` says so.
 */
export class Ground implements Disposable {
  readonly name = `methods-${process.pid}-${next++}`;
  readonly directory = mkdtempSync(join(tmpdir(), 'netconf-methods-'));
  readonly #shell: string[];

  constructor(shell = 'dash', { dad = false } = {}) {
    this.#shell = shell.split(' ');
    execFileSync('ip', ['netns', 'add', this.name]);
    if (!dad) for (const each of ['all', 'default']) this.sysctl(`net/ipv6/conf/${each}/accept_dad`, '0');
    this.ip('link add near type veth peer name far');
    this.sysctl('net/ipv6/conf/far/disable_ipv6', '1');
    this.ip('link set far up');
  }

  exec(program: string, ...words: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.name, program, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  spawn(program: string, ...words: string[]): ChildProcess {
    return spawn('ip', ['netns', 'exec', this.name, program, ...words], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
  }

  ip(words: string): string {
    return this.exec('ip', ...words.split(' '));
  }

  json<T>(words: string): T[] {
    return JSON.parse(this.ip(`-j ${words}`) || '[]') as T[];
  }

  sysctl(name: string, value?: string): string {
    const file = `/proc/sys/${name}`;
    if (value === undefined) return this.exec('cat', file).trim();
    return this.exec('sh', '-c', `echo ${value} >${file}`);
  }

  handle(name = 'handle'): string {
    return join(this.directory, name);
  }

  /** What a handle says; undefined when there is none. */
  handleText(name?: string): string | undefined {
    return existsSync(this.handle(name)) ? readFileSync(this.handle(name), 'utf8') : undefined;
  }

  writeHandle(text: string | Uint8Array): void {
    writeFileSync(this.handle(), text);
  }

  /** Runs a method with `IF_` variables (and others, where names are in capitals already). */
  method(
    name: string,
    mode: string,
    variables: Record<string, string> = {},
    options: MethodOptions = {},
  ): Result {
    const words = [...this.#shell, join(methodsDirectory, name)];
    // By its path: PATH is the method's, and may have another `ip` first.
    const result = spawnSync(ip, ['netns', 'exec', this.name, ...words], {
      encoding: 'utf8',
      env: this.environment(mode, variables, options),
    });
    return { status: result.status, stdout: result.stdout, stderr: result.stderr };
  }

  environment(
    mode: string,
    variables: Record<string, string>,
    { interface: on = 'near', family = 'inet', handle, standIns }: MethodOptions = {},
  ): Record<string, string> {
    const path = process.env.PATH ?? '';
    const own = Object.entries(variables).map(([key, value]) => [
      /^[A-Z]/.test(key) ? key : `IF_${key.toUpperCase()}`,
      value,
    ]);
    return {
      PATH: standIns === undefined ? path : `${standIns}:${path}`,
      MODE: mode,
      IFACE: on,
      FAMILY: family,
      LOGICAL: on,
      NETCONF_HANDLE: this.handle(handle),
      NETCONF_PROTOCOL: '110',
      ...(Object.fromEntries(own) as Record<string, string>),
    };
  }

  /** Runs a method that must work; its standard output. */
  up(name: string, variables: Record<string, string> = {}, options: MethodOptions = {}): string {
    return this.#must(name, 'up', variables, options);
  }

  down(name: string, options: MethodOptions = {}): string {
    return this.#must(name, 'down', {}, options);
  }

  query(name: string, variables: Record<string, string> = {}, options: MethodOptions = {}): string {
    return this.#must(name, 'query', variables, options);
  }

  #must(name: string, mode: string, variables: Record<string, string>, options: MethodOptions): string {
    const { status, stdout, stderr } = this.method(name, mode, variables, options);
    if (status !== 0 || stderr !== '') throw new Error(`${name} ${mode}: status ${status}: ${stderr}`);
    return stdout;
  }

  /** `192.0.2.2/24`, without what the kernel itself gives. */
  addresses(on = 'near'): string[] {
    return this.#links()
      .filter(link => link.ifname === on)
      .flatMap(link => link.addr_info)
      .filter(({ local, mngtmpaddr, temporary }) => !isKernels(local) && !mngtmpaddr && !temporary)
      .map(
        ({ local, address, prefixlen }) =>
          `${local}${address === undefined ? '' : ` peer ${address}`}/${prefixlen}`,
      )
      .sort();
  }

  /** Without those that the kernel makes along with addresses: `default via 192.0.2.1 proto 110 metric 5`. */
  routes(family = 4): string[] {
    return this.ip(`-N -${family} route show table all`)
      .split('\n')
      .map(line => line.replace(/ (linkdown|pref medium)\b/g, '').trim())
      .filter(line => line !== '' && !/ proto (2|9) |^local |^broadcast |^multicast /.test(`${line} `));
  }

  isUp(on = 'near'): boolean {
    return this.#links().some(link => link.ifname === on && link.flags.includes('UP'));
  }

  /** What methods may change, without what comes and goes by itself. */
  state(): unknown {
    const links = this.#links().map(({ ifname, mtu, address, flags, addr_info }) => ({
      ifname,
      mtu,
      address,
      up: flags.includes('UP'),
      addresses: addr_info
        .filter(({ local }) => !isKernels(local))
        .map(({ local, prefixlen, broadcast, label, scope }) => ({
          local,
          prefixlen,
          broadcast,
          label,
          scope,
        })),
    }));
    const settings = [
      'net/ipv4/conf/near/promote_secondaries',
      ...['autoconf', 'accept_ra', 'use_tempaddr', 'mtu'].map(name => `net/ipv6/conf/near/${name}`),
    ].map(name => [name, this.sysctl(name)]);
    return { links, settings, routes: [...this.routes(4), ...this.routes(6)] };
  }

  /** What the kernel says of links, addresses and routes while something is done. */
  async monitor(work: () => unknown): Promise<string[]> {
    const child = this.spawn('ip', 'monitor', 'link', 'address', 'route', 'rule');
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    const mark = async (table: string) => {
      await until(`the mark ${table}`, () => {
        this.ip(`rule add lookup ${table}`);
        return text.includes(`lookup ${table}`);
      });
    };
    try {
      await mark('7771');
      await work();
      await mark('7772');
    } finally {
      child.kill();
      await new Promise(resolve => child.on('close', resolve));
    }
    return text.split('\n').filter(line => line.trim() !== '' && !/lookup 777[12]/.test(line));
  }

  [Symbol.dispose](): void {
    execFileSync('ip', ['netns', 'delete', this.name]);
    rmSync(this.directory, { recursive: true, force: true });
  }

  #links(): Link[] {
    return this.json<Link>('address show');
  }
}

interface Link {
  ifname: string;
  mtu: number;
  address: string;
  flags: string[];
  addr_info: {
    local: string;
    address?: string;
    prefixlen: number;
    broadcast?: string;
    label?: string;
    scope: string;
    mngtmpaddr?: boolean;
    temporary?: boolean;
  }[];
}

function isKernels(local: string): boolean {
  return /^fe80::(?:[0-9a-f]+:)?[0-9a-f]*ff:fe/.test(local);
}
