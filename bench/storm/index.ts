/**
 * A storm of route changes in a network namespace of its own: 100,000 routes added and deleted as fast as one process
 * can, received with a 128 MiB buffer by a plain C receiver (the floor), by `ip monitor` and by the netlink source
 * with its mirror and events; a dump of 100,000 routes beside `ip -j route show`; memory for each route; how long the
 * loop is held. Needs root, `ip` and a C compiler.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { compile, median } from '../compile.ts';
import type { Row } from '../row.ts';

const routes = 100_000;
const buffer = 128 * 1024 * 1024;
const rounds = 3;

export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'netconf-storm-'));
  const namespace = `storm-${process.pid}`;
  const inside = (...words: string[]) => ['netns', 'exec', namespace, ...words];
  const ip = (...words: string[]) => execFileSync('ip', inside('ip', ...words), { stdio: 'ignore' });
  try {
    const receiver = compile(here('receiver.c'), folder, 'receiver');
    const generator = compile(here('routes.c'), folder, 'routes');
    execFileSync('ip', ['netns', 'add', namespace]);
    ip('link', 'add', 'br0', 'type', 'bridge');
    ip('link', 'set', 'br0', 'up');
    ip('addr', 'add', '10.0.0.1/8', 'dev', 'br0');
    const change = (what: 'add' | 'delete') =>
      execFileSync('ip', inside(generator, what, String(routes)), { stdio: 'inherit' });
    const storm = () => {
      change('add');
      change('delete');
    };
    const floor = [];
    const monitor = [];
    const ours = [];
    for (let i = 0; i < rounds; i++) {
      floor.push(await byReceiver(inside(receiver, String(buffer)), storm));
      monitor.push(await byMonitor(inside('ip', '-rc', String(buffer), 'monitor', 'route'), storm));
      ours.push(await byOurs(inside, [], storm));
    }
    const watched = await byOurs(inside, ['watch'], storm);
    const memory = await memoryOf(inside, change);
    change('add');
    const dumps = await dumping(inside, ip);
    change('delete');
    const c = median(floor.map(({ cpu }) => cpu));
    const row = (who: string, of: { received: number; cpu: number }[], reach?: string): Row[] => {
      const cpu = median(of.map(one => one.cpu));
      const received = median(of.map(one => one.received));
      return [
        {
          case: `storm of ${2 * routes}`,
          who,
          value: received,
          unit: 'received',
          ratio: received / (2 * routes),
        },
        {
          case: `storm of ${2 * routes}`,
          who,
          value: cpu,
          unit: 'CPU s',
          ratio: cpu / c,
          ...(reach && { reach }),
        },
      ];
    };
    return [
      ...row('C, recvmmsg', floor),
      ...row('ip monitor', monitor),
      ...row('netconf', ours, 'at most 2.5'),
      {
        case: 'longest hold of the loop, storm',
        who: 'netconf',
        value: watched.hold,
        unit: 'ms',
        reach: 'at most 20',
      },
      ...memory,
      ...dumps,
    ];
  } finally {
    execFileSync('ip', ['netns', 'delete', namespace]);
    rmSync(folder, { recursive: true });
  }
}

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** A child with lines on both sides. */
class Child {
  readonly process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(words: string[]) {
    this.process = spawn('ip', words, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface(this.process.stdout!)[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    return String((await this.#lines.next()).value);
  }

  ask(question: string): Promise<string> {
    this.process.stdin!.write(`${question}\n`);
    return this.line();
  }

  async end(): Promise<void> {
    const ended = new Promise(resolve => this.process.on('close', resolve));
    this.process.stdin!.end();
    await ended;
  }
}

async function byReceiver(words: string[], storm: () => void) {
  const child = new Child(words);
  await child.line();
  storm();
  child.process.stdin!.end();
  const [received, , cpu] = (await child.line()).split(' ').map(Number);
  return { received: received!, cpu: cpu! };
}

/** `ip monitor` prints to a pipe that is counted here; its CPU time is that of a child of the shell's `times`. */
async function byMonitor(words: string[], storm: () => void) {
  const script =
    'out=$(mktemp); "$@" > "$out" & echo ready; read -r _; sleep 0.5; kill $!; wait $! 2>/dev/null; wc -l < "$out"; rm "$out"; times';
  const child = new Child(['netns', 'exec', words[2]!, 'bash', '-c', script, 'bash', ...words.slice(3)]);
  await child.line();
  await pause(300);
  storm();
  const received = Number(await child.ask('end'));
  await child.line();
  const times = await child.line();
  const cpu = [...times.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, m, s]) => sum + 60 * Number(m) + Number(s),
    0,
  );
  return { received, cpu };
}

interface Report {
  started: { ms: number; cpu: number };
  cpu: number;
  heap: number;
  rss: number;
  messages: number;
  routes: number;
  hold: number;
  count: Record<string, number>;
}

function ourChild(inside: (...words: string[]) => string[], options: string[]): Child {
  const words = [
    process.execPath,
    '--expose-gc',
    '--import',
    'tsx',
    here('ours.ts'),
    String(buffer),
    ...options,
  ];
  return new Child(inside(...words));
}

async function byOurs(inside: (...words: string[]) => string[], options: string[], storm: () => void) {
  const child = ourChild(inside, options);
  await child.line();
  await child.ask('mark');
  storm();
  await pause(500);
  const report = JSON.parse(await child.ask('report')) as Report;
  await child.end();
  const { 'route.added': added = 0, 'route.removed': removed = 0 } = report.count;
  return { received: added + removed, cpu: report.cpu, hold: report.hold };
}

async function memoryOf(
  inside: (...words: string[]) => string[],
  change: (what: 'add' | 'delete') => void,
): Promise<Row[]> {
  const child = ourChild(inside, []);
  await child.line();
  const look = async () => {
    await pause(500);
    return JSON.parse(await child.ask('report')) as Report;
  };
  // The first storm warms up what stays: code, feedback, buffers.
  change('add');
  change('delete');
  const before = await look();
  change('add');
  const full = await look();
  change('delete');
  const after = await look();
  await child.end();
  const each = (bytes: number) => Math.round(bytes / routes);
  const row = (name: string, bytes: number, reach: string): Row => {
    return { case: name, who: 'netconf', value: each(bytes), unit: 'bytes', reach };
  };
  return [
    row('heap for each route', full.heap - before.heap, 'at most 400'),
    row('resident memory for each route', full.rss - before.rss, 'at most 400'),
    row('heap for each route, when gone again', after.heap - before.heap, '0'),
  ];
}

async function dumping(
  inside: (...words: string[]) => string[],
  ip: (...words: string[]) => unknown,
): Promise<Row[]> {
  const theirs: number[] = [];
  const ours: number[] = [];
  let hold = 0;
  for (let i = 0; i < rounds; i++) {
    const begin = performance.now();
    ip('-j', 'route', 'show');
    theirs.push(performance.now() - begin);
    const child = ourChild(inside, ['watch']);
    await child.line();
    const report = JSON.parse(await child.ask('report')) as Report;
    await child.end();
    ours.push(report.started.ms);
    hold = Math.max(hold, report.hold);
  }
  const floor = median(theirs);
  const name = `dump of ${routes} routes`;
  return [
    { case: name, who: 'ip -j route show', value: floor, unit: 'ms' },
    {
      case: name,
      who: 'netconf',
      value: median(ours),
      unit: 'ms',
      ratio: median(ours) / floor,
      reach: 'at most 2',
    },
    { case: 'longest hold of the loop, dump', who: 'netconf', value: hold, unit: 'ms', reach: 'at most 20' },
  ];
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
