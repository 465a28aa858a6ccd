import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Link } from '../../core/bus/objects.ts';
import type { OperationResult } from '../../core/control/api.ts';
import { startDaemon, type TestDaemon } from '../daemon.ts';
import type { Folder } from '../folder.ts';
import { transfers } from '../transfer.ts';

let made = 0;

interface MachineSetup {
  links?: readonly string[];
  /** Lines of the configuration's part `plugins`. */
  more?: string;
  args?: string[];
  /** Where if-up.d and its like lie. */
  scripts?: string;
}

/**
 * A daemon whose interfaces(5) is `text`, with pairs of links in its namespace: of each name one end there, down, and the
 * other one, `far`, up, in a namespace of its own.
 */
export async function machineFor(
  folder: Folder,
  text: string,
  { links = [], more = '', args, scripts = `${folder.path}/scripts` }: MachineSetup = {},
): Promise<Machine> {
  declare(folder, text);
  const configuration = `plugins:\n  interfaces: {file: ${folder.path}/interfaces, scripts: ${scripts}}\n${more}`;
  const machine = new Machine(await startDaemon({ configuration, ...(args && { args }) }));
  for (const name of links) machine.add(name);
  return machine;
}

export function declare(folder: Folder, text: string): void {
  writeFileSync(join(folder.path, 'interfaces'), text);
}

export class Machine implements AsyncDisposable {
  readonly daemon: TestDaemon;
  readonly #peers = new Map<string, string>();

  constructor(daemon: TestDaemon) {
    this.daemon = daemon;
  }

  /** A link with its peer `far` in a namespace of its own. */
  add(name: string): void {
    const peer = `ncl${process.pid}-${++made}`;
    execFileSync('ip', ['netns', 'add', peer]);
    this.#peers.set(name, peer);
    this.daemon.ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'far', 'netns', peer);
    this.at(name, 'ip', 'link', 'set', 'lo', 'up');
    this.at(name, 'ip', 'link', 'set', 'far', 'up');
  }

  remove(name: string): void {
    this.daemon.ip('link', 'del', name);
    const peer = this.#peers.get(name);
    this.#peers.delete(name);
    if (peer !== undefined) execFileSync('ip', ['netns', 'del', peer]);
  }

  /** Makes one host of two peers: both ends in the first one's namespace, ports of a bridge there with the address. */
  joinPeers(first: string, second: string, address: string): void {
    this.#gather(first, second);
    this.at(first, 'ip', 'link', 'add', 'host', 'type', 'bridge', 'forward_delay', '0');
    for (const end of ['far', 'far2']) this.at(first, 'ip', 'link', 'set', end, 'master', 'host');
    this.at(first, 'ip', 'address', 'add', address, 'dev', 'host');
    this.at(first, 'ip', 'link', 'set', 'host', 'up');
  }

  /** The same with a bond of the mode 802.3ad. */
  bondPeers(first: string, second: string, address: string): void {
    this.#gather(first, second);
    const options = ['mode', '802.3ad', 'miimon', '100', 'lacp_rate', 'fast'];
    this.at(first, 'ip', 'link', 'add', 'host', 'type', 'bond', ...options);
    for (const end of ['far', 'far2']) {
      this.at(first, 'ip', 'link', 'set', end, 'down');
      this.at(first, 'ip', 'link', 'set', end, 'master', 'host');
    }
    this.at(first, 'ip', 'address', 'add', address, 'dev', 'host');
    this.at(first, 'ip', 'link', 'set', 'host', 'up');
  }

  #gather(first: string, second: string): void {
    this.at(second, 'ip', 'link', 'set', 'far', 'down');
    this.at(second, 'ip', 'link', 'set', 'far', 'name', 'far2', 'netns', this.#peers.get(first)!);
    this.at(first, 'ip', 'link', 'set', 'far2', 'up');
  }

  /** Runs a program in the namespace of a link's peer. */
  at(name: string, ...line: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.#peers.get(name)!, ...line], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Runs a program in the daemon's namespace. */
  exec(...line: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.daemon.netns!, ...line], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  async up(on: string, options: Record<string, unknown> = {}): Promise<OperationResult> {
    const { results } = await this.daemon.client.call('Up', { interface: on, ...options });
    return results![0]!;
  }

  async down(on: string, options: Record<string, unknown> = {}): Promise<OperationResult> {
    const { results } = await this.daemon.client.call('Down', { interface: on, ...options });
    return results![0]!;
  }

  /** Undefined where there is none. */
  link(name: string): Link | undefined {
    const all = JSON.parse(this.daemon.ip('-d', '-j', 'link')) as Link[];
    return all.find(({ ifname }) => ifname === name);
  }

  isUp(name: string): boolean {
    return this.link(name)?.flags.includes('UP') === true;
  }

  /** Members in the order of their indices. */
  membersOf(master: string): string[] {
    const all = JSON.parse(this.daemon.ip('-j', 'link')) as Link[];
    return all.filter(link => link.master === master).map(({ ifname }) => ifname);
  }

  /** Whether bytes sent by TCP from the daemon's namespace come to a peer's address (IPv4) as they were. */
  transfers(name: string, address: string, options?: { within?: string }): Promise<boolean> {
    return transfers(this.daemon.netns!, this.#peers.get(name)!, address, options);
  }

  /** Whether an address answers. */
  pings(address: string): boolean {
    try {
      this.exec('ping', '-c', '1', '-W', '2', address);
      return true;
    } catch {
      return false;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.daemon.stop();
    for (const peer of this.#peers.values()) execFileSync('ip', ['netns', 'del', peer]);
  }
}
