/**
 * From a kernel event to the first instruction of a hook, in microseconds: a link of a private namespace is set up, and
 * the hook notes the clock as its first act (a static program, then a dash script that ends in it). The time begins just
 * before the system call that sets the link up. One listener at a time, in turn, several rounds; medians. Floor: a C
 * program with a netlink socket and posix_spawn. Needs root.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../compile.ts';
import type { Row } from '../row.ts';

const rounds = 3;
const flips = 100;
/** Events before those that count: what is measured is a daemon that has been at work, not its first minute. */
const warmUp = 200;
const here = import.meta.dirname;
const namespace = `bench-latency-${process.pid}`;
const link = 'v0';

interface Contender {
  who: string;
  command: (hooks: string, hook: string) => [string, ...string[]];
  reach?: string;
}

export async function run(): Promise<Row[]> {
  if (process.getuid?.() !== 0) return [];
  const top = mkdtempSync(join(tmpdir(), 'bench-latency-'));
  const ip = (...words: string[]) => execFileSync('ip', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    ip('netns', 'add', namespace);
    ip('-n', namespace, 'link', 'add', link, 'type', 'veth', 'peer', 'name', 'v1');
    ip('-n', namespace, 'link', 'set', 'v1', 'up');
    return await measure(top);
  } finally {
    ip('netns', 'del', namespace);
    rmSync(top, { recursive: true, force: true });
  }
}

async function measure(top: string): Promise<Row[]> {
  const stamps = join(top, 'stamps');
  const build = (name: string, ...flags: string[]) => {
    const program = join(top, name);
    execFileSync('cc', ['-O2', '-static', ...flags, '-o', program, join(here, `${name}.c`)]);
    return program;
  };
  writeFileSync(stamps, '');
  const stamp = build('stamp', `-DSTAMPS="${stamps}"`);
  const floor = build('floor');
  const flip = new Flipper(build('flip'));
  const rows: Row[] = [];
  try {
    for (const kind of ['C hook', 'dash hook'] as const) {
      const hooks = join(top, kind.replace(' ', '-'));
      const hook = join(hooks, 'link.up.d/10-stamp');
      mkdirSync(join(hooks, 'link.up.d'), { recursive: true, mode: 0o755 });
      if (kind === 'C hook') copyFileSync(stamp, hook);
      else writeFileSync(hook, `#!/bin/dash\nexec ${stamp}\n`, { mode: 0o755 });
      const times = new Map<Contender, number[]>();
      for (let round = 0; round < rounds; round++) {
        for (const contender of contenders(floor, kind)) {
          const known = [...times.keys()].find(({ who }) => who === contender.who) ?? contender;
          const all = times.get(known) ?? [];
          all.push(...(await oneRound(contender.command(hooks, hook), flip, stamps)));
          times.set(known, all);
        }
      }
      const least = median([...times.values()][0] ?? []);
      for (const [{ who, reach }, values] of times) {
        const value = median(values);
        rows.push({
          case: `event to hook, ${kind}`,
          who,
          value,
          unit: 'µs',
          ratio: value / least,
          ...(reach !== undefined && { reach }),
        });
      }
    }
  } finally {
    flip.end();
  }
  return rows;
}

function contenders(floor: string, kind: 'C hook' | 'dash hook'): Contender[] {
  const daemon = (hooks: string): [string, ...string[]] => {
    const configuration = join(hooks, '../netconf.yaml');
    writeFileSync(configuration, '');
    const own = [
      '--socket',
      join(hooks, '../run/control'),
      '--hooks',
      hooks,
      '--config',
      configuration,
      '--json',
    ];
    return [process.execPath, join(here, '../../dist/netconfd.cjs'), ...own];
  };
  const source = (file: string, ...words: string[]): [string, ...string[]] => [
    process.execPath,
    '--import',
    'tsx/esm',
    join(here, file),
    ...words,
  ];
  return [
    { who: 'C: netlink socket, posix_spawn', command: (_, hook) => [floor, link, hook] },
    {
      who: 'ip monitor link | while read (dash)',
      command: (_, hook) => [
        'dash',
        '-c',
        `ip -o monitor link | while read -r line; do case $line in *"${link}@"*"<"*[,\\<]UP*) ${hook} link.up ;; esac; done`,
      ],
    },
    {
      who: 'netconfd',
      command: daemon,
      reach: kind === 'C hook' ? 'at most 1.8 times the floor' : 'at most 1.1 times the floor',
    },
    { who: 'Node: receive and posix_spawn alone', command: (_, hook) => source('least.ts', link, hook) },
    {
      who: 'the same, with the variables of a script',
      command: (_, hook) => source('least.ts', link, hook, '130'),
    },
    {
      who: 'netconf’s source and bus, child_process.spawn',
      command: (_, hook) => source('listener.ts', hook),
    },
  ];
}

/** Starts a listener, sets the link down and up so many times, and takes the time from each up to its first stamp. */
async function oneRound(command: [string, ...string[]], flip: Flipper, stamps: string): Promise<number[]> {
  // Nobody reads the events that netconfd prints: who did would take the processor from what is measured.
  const isDaemon = command.includes('--json');
  const listener = spawn('ip', ['netns', 'exec', namespace, ...command], {
    stdio: ['ignore', isDaemon ? 'ignore' : 'pipe', 'pipe'],
    detached: true,
  });
  try {
    const ready = new Promise(resolve => (listener.stdout ?? listener.stderr)?.once('data', resolve));
    listener.stderr?.resume();
    await Promise.race([ready, sleep(command[0] === process.execPath ? 10_000 : 300)]);
    await flip.to('d');
    await sleep(30);
    const times: number[] = [];
    for (let n = 0; n < warmUp + flips; n++) {
      const before = readFileSync(stamps).length;
      const began = await flip.to('u');
      await until(() => readFileSync(stamps).length > before, `no hook ran for ${command.join(' ')}`);
      if (n >= warmUp) times.push(Number(readFileSync(stamps).readBigInt64LE(before) - began) / 1000);
      await sleep(5);
      await flip.to('d');
      await sleep(10);
    }
    return times;
  } finally {
    await endGroup(listener);
  }
}

async function until(condition: () => boolean, complaint: string): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    if (waited > 5000) throw new Error(complaint);
    await sleep(5);
  }
}

async function endGroup(child: ChildProcess): Promise<void> {
  const ended = new Promise(resolve => child.once('exit', resolve));
  if (child.pid !== undefined && existsSync(`/proc/${child.pid}`)) process.kill(-child.pid, 'SIGKILL');
  await ended;
}

/** Sets the link up and down in the namespace, and says when. */
class Flipper {
  readonly #child: ChildProcess;

  constructor(program: string) {
    this.#child = spawn('ip', ['netns', 'exec', namespace, program, link], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
  }

  /** The clock just before, in nanoseconds. */
  to(way: 'u' | 'd'): Promise<bigint> {
    const answer = new Promise<bigint>(resolve =>
      this.#child.stdout?.once('data', (bytes: Buffer) => resolve(bytes.readBigInt64LE())),
    );
    this.#child.stdin?.write(way);
    return answer;
  }

  end(): void {
    this.#child.stdin?.end();
  }
}
