/**
 * A network file of networks and rules, parsed, compiled and put in force by the method, beside `nft -f` alone with the
 * same table as nft itself prints it. In a network namespace of its own.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from '../../plugins/firewall/compile/compile.ts';
import { documentOf } from '../../plugins/firewall/compile/document.ts';
import { resolve } from '../../plugins/firewall/rules/resolve.ts';
import { readConfiguration } from '../../plugins/network-file/configuration.ts';
import { firewallPart } from '../../plugins/network-file/firewall.ts';
import { filesOnDisk } from '../../plugins/network-file/language/files.ts';
import { median } from '../compile.ts';
import type { Row } from '../row.ts';

const sizes = [10, 100, 1000];
const rounds = 5;
const rulesOfNetwork = 10;
const method = join(import.meta.dirname, '../../methods/linux/firewall');

export async function run(): Promise<Row[]> {
  const namespace = `bench-firewall-${process.pid}`;
  const folder = mkdtempSync(join(tmpdir(), 'netconf-bench-'));
  execFileSync('ip', ['netns', 'add', namespace]);
  try {
    return sizes.flatMap(networks => measure(namespace, folder, networks));
  } finally {
    execFileSync('ip', ['netns', 'delete', namespace]);
    rmSync(folder, { recursive: true, force: true });
  }
}

function measure(namespace: string, folder: string, networks: number): Row[] {
  const file = join(folder, 'network.conf');
  const json = join(folder, 'table.json');
  const text = join(folder, 'table.nft');
  writeFileSync(file, networkFile(networks));
  const nft = (...words: string[]) =>
    execFileSync('ip', ['netns', 'exec', namespace, 'nft', ...words], { maxBuffer: 1 << 28 });

  const times = { parse: [], compile: [], apply: [], json: [], text: [], again: [] } as Record<
    string,
    number[]
  >;
  const timed = <T>(what: string, work: () => T): T => {
    const started = performance.now();
    const result = work();
    times[what]!.push(performance.now() - started);
    return result;
  };
  for (let round = 0; round < rounds; round++) {
    const { model } = timed('parse', () =>
      readConfiguration(
        file,
        filesOnDisk(path => ({ path })),
      ),
    );
    timed('compile', () => {
      const { set, problems } = resolve([firewallPart('network-file', model)]);
      if (problems.length > 0) throw new Error(problems[0]!.message);
      writeFileSync(
        json,
        documentOf(compile(set, { spoofing: 'strict', ftp: true }), () => []),
      );
    });
    nft('flush', 'ruleset');
    rmSync(join(folder, 'handle'), { force: true });
    timed('apply', () => runMethod(namespace, folder, json));
    timed('again', () => runMethod(namespace, folder, json));
    writeFileSync(text, nft('-s', 'list', 'table', 'inet', 'netconf'));
    nft('flush', 'ruleset');
    timed('json', () => nft('-j', '-f', json));
    nft('flush', 'ruleset');
    timed('text', () => nft('-f', text));
  }
  const of = (what: string) => median(times[what]!);
  const floor = of('text');
  const name = `${networks} networks, ${networks * rulesOfNetwork} rules`;
  const row = (who: string, value: number, reach?: string): Row => ({
    case: name,
    who,
    value,
    unit: 'ms',
    ratio: value / floor,
    ...(reach !== undefined && { reach }),
  });
  return [
    row('nft -f of the same table', floor),
    row('nft -j -f of the same table', of('json')),
    row('network file parsed', of('parse')),
    row('compiled', of('compile')),
    row('put in force by the method', of('apply')),
    row('found in force by the method', of('again')),
    row('parsed, compiled and put in force', of('parse') + of('compile') + of('apply')),
  ];
}

function runMethod(namespace: string, folder: string, table: string): void {
  const env = {
    PATH: process.env.PATH,
    MODE: 'up',
    IFACE: 'all',
    NETCONF_HANDLE: join(folder, 'handle'),
    FIREWALL_TABLE: table,
    FIREWALL_SETTINGS: '',
  };
  execFileSync('ip', ['netns', 'exec', namespace, method], { env, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Networks of a link and a prefix each, and ten rules from each to others. */
function networkFile(networks: number): string {
  const prefix = (at: number) => `10.${at >> 8}.${at & 255}`;
  const network = (_: unknown, at: number) =>
    `network "net${at}" { interface "eth${at}" { addressv4 ${prefix(at)}.1/24 } }\n`;
  const rule = (_: unknown, at: number) => {
    const from = Math.floor(at / rulesOfNetwork);
    const to = (from * 7 + at) % networks;
    const action = ['forward', 'deny incoming', 'reject incoming', 'masquerade'][at % 4];
    const ends = `from "net${from}" to "net${to}"`;
    return `rule { ${ends}${at % 2 === 0 ? `/${1000 + (at % 5000)} protocol tcp;` : ''} ${action} }\n`;
  };
  return [
    ...Array.from({ length: networks }, network),
    ...Array.from({ length: networks * rulesOfNetwork }, rule),
  ].join('');
}
