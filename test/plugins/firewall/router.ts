import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { FirewallNetwork, FirewallPart, FirewallRule } from 'netconf/plugin';
import { compile } from '../../../plugins/firewall/compile/compile.ts';
import { documentOf } from '../../../plugins/firewall/compile/document.ts';
import { elementsOf } from '../../../plugins/firewall/compile/sets.ts';
import type { Spoofing } from '../../../plugins/firewall/compile/settings.ts';
import type { Packet } from '../../../plugins/firewall/model/packet.ts';
import { covers, type Prefix, parsePrefix, prefixText } from '../../../plugins/firewall/rules/prefix.ts';
import { understand } from '../../../plugins/firewall/rules/understand.ts';
import { Folder } from '../../folder.ts';
import { until } from '../../until.ts';
import { Lab } from './lab.ts';

/** Links of the router, each with the prefixes behind it; the default route is by the last. */
export const links = ['ra', 'rb', 'rc'] as const;
export type Link = (typeof links)[number];

/** A packet with its number; `pieces`: in two fragments. */
export type Sent = Packet & { id: number; pieces?: boolean };

/** What arrived of a packet, and where: on the wire behind a link, or at the router itself. */
export interface Arrival {
  id: number;
  where: string;
  source: string;
  destination: string;
  dport: number;
  /** An ICMP error about it. */
  error: boolean;
  tos: number;
}

/** A router with three links, and somebody at their other ends who sends any packet and sees all that come. */
export class Router implements AsyncDisposable {
  readonly lab = new Lab();
  readonly #folder = new Folder();
  readonly #wire: Sender;
  readonly #local: Sender;
  readonly arrivals: Arrival[] = [];

  constructor() {
    const { lab } = this;
    for (const [at, link] of links.entries()) {
      const n = at + 1;
      lab.cable(['router', link, `10.${n}.0.1/24`, `fd0${n}::1/64`], ['wire', `p${link}`]);
      lab.ip('router', `link set ${link} address 02:00:00:00:00:0${n}`);
      lab.sysctl('wire', `net/ipv6/conf/p${link}/disable_ipv6`, '1');
      for (const host of ['2', '3', '254'])
        for (const prefix of [`10.${n}.0.`, `fd0${n}::`])
          lab.ip(
            'router',
            `neigh replace ${prefix}${host} lladdr 02:00:00:00:00:f${n} dev ${link} nud permanent`,
          );
    }
    lab.ip('router', 'route add default via 10.3.0.254');
    lab.ip('router', '-6 route add default via fd03::254');
    for (const [name, value] of [
      ['net/ipv4/ip_forward', '1'],
      ['net/ipv6/conf/all/forwarding', '1'],
      ['net/ipv4/icmp_echo_ignore_all', '1'],
      ['net/ipv6/icmp/echo_ignore_all', '1'],
      ['net/ipv4/icmp_ratelimit', '0'],
      ['net/ipv6/icmp/ratelimit', '0'],
    ] as const)
      lab.sysctl('router', name, value);
    const arrived = (arrival: Arrival) => this.arrivals.push(arrival);
    this.#wire = new Sender(lab.ns('wire'), ['wire', ...links.map(link => `p${link}`)], arrived);
    this.#local = new Sender(lab.ns('router'), ['local'], arrived);
  }

  async ready(): Promise<void> {
    await until('senders', () => this.#wire.isReady && this.#local.isReady);
  }

  send(packets: readonly Sent[]): void {
    this.#wire.send(packets.filter(packet => packet.in !== undefined));
    this.#local.send(packets.filter(packet => packet.in === undefined));
  }

  /** Puts rules in force, with the addresses that the links have. */
  enforce(
    rules: Partial<FirewallRule>[],
    networks: Partial<FirewallNetwork>[] = [],
    spoofing: Spoofing = 'strict',
  ): void {
    const { set, problems } = understand([{ plugin: 'test', networks, rules } as FirewallPart]);
    if (problems.length > 0) throw new Error(problems[0]!.message);
    const document = documentOf(compile(set, { spoofing, ftp: true }), each => elementsOf(each, () => []));
    this.lab.exec('router', 'nft', '-j', '-f', this.#folder.write('table.json', document));
  }

  /** The numbers of those that arrive whole somewhere, of packets that are sent now. */
  async pass(packets: readonly Sent[]): Promise<number[]> {
    this.arrivals.length = 0;
    this.send(packets);
    await new Promise(resolve => setTimeout(resolve, 250));
    return [...new Set(this.arrivals.filter(({ error }) => !error).map(({ id }) => id))].sort(
      (a, b) => a - b,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#folder[Symbol.dispose]();
    await Promise.all([this.#wire.end(), this.#local.end()]);
    await this.lab[Symbol.asyncDispose]();
  }
}

/** The link by which the router reaches an address; undefined for its own. */
export function route(address: Prefix): Link | undefined {
  const within = (text: string) => covers(parsePrefix(text)!, address);
  if (links.some((_, at) => within(`10.${at + 1}.0.1`) || within(`fd0${at + 1}::1`))) return undefined;
  return links.find((_, at) => within(`10.${at + 1}.0.0/24`) || within(`fd0${at + 1}::/64`)) ?? 'rc';
}

class Sender {
  readonly #child: ChildProcess;
  isReady = false;

  constructor(namespace: string, words: readonly string[], arrived: (arrival: Arrival) => void) {
    const script = fileURLToPath(new URL('packets.py', import.meta.url));
    this.#child = spawn('ip', ['netns', 'exec', namespace, 'python3', script, ...words], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface(this.#child.stdout!).on('line', line => {
      const said = JSON.parse(line) as Partial<Arrival>;
      if (said.id === undefined) this.isReady = true;
      else arrived(said as Arrival);
    });
  }

  send(packets: readonly Sent[]): void {
    const lines = packets.map(({ id, source, destination, protocol, ...packet }) => ({
      id,
      family: source.family,
      source: prefixText(source),
      destination: prefixText(destination),
      protocol,
      sport: packet.sourcePort ?? id % 60_000,
      dport: packet.destinationPort ?? 0,
      syn: packet.syn === true,
      tos: packet.tos ?? 0,
      pieces: packet.pieces === true,
      ...(packet.in !== undefined && {
        link: `p${packet.in}`,
        to: `02:00:00:00:00:0${links.indexOf(packet.in as Link) + 1}`,
      }),
    }));
    this.#child.stdin?.write(`${JSON.stringify(lines)}\n`);
  }

  async end(): Promise<void> {
    const ended = new Promise(resolve => this.#child.on('close', resolve));
    this.#child.stdin?.end();
    await ended;
  }
}
