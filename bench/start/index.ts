/**
 * How long the built daemon takes from its start to ready (socket open, dump done, plugins applied), and what it holds
 * when idle, beside an empty Node program; in a network namespace of its own. And how often it is woken when idle.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../compile.ts';
import type { Row } from '../row.ts';

const program = join(import.meta.dirname, '../../dist/netconfd.cjs');
const rounds = 15;
const empty = 'setInterval(() => {}, 1e9)';

export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'netconf-bench-'));
  const netns = `ncb${process.pid}`;
  execFileSync('ip', ['netns', 'add', netns]);
  const daemon = [program, '--socket', join(folder, 'control')];
  const configuration = join(folder, 'netconf.yaml');
  writeFileSync(configuration, '# nothing\n');
  const configured = [...daemon, '--config', configuration];
  // As a new installation starts: without a file of configuration.
  const isNew = !existsSync('/etc/netconf');
  const inside = (line: readonly string[]) =>
    spawn('ip', ['netns', 'exec', netns, process.execPath, ...line], { stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    const bare: number[] = [];
    const starts: { who: string; line: readonly string[]; times: number[] }[] = [
      { who: 'the same, with a file of configuration', line: configured, times: [] },
    ];
    if (isNew) starts.unshift({ who: 'netconfd, until ready', line: daemon, times: [] });
    for (let i = 0; i < rounds; i++) {
      bare.push(await timed(() => ended(inside(['-e', '0']))));
      for (const { line, times } of starts) {
        let child: ChildProcess | undefined;
        times.push(
          await timed(() => {
            child = inside(line);
            return said(child, 'Control socket');
          }),
        );
        await stop(child!);
      }
    }
    return [
      { case: 'start', who: 'node -e 0', value: median(bare), unit: 'ms' },
      ...starts.map(({ who, times }) => ({
        case: 'start',
        who,
        value: median(times),
        unit: 'ms',
        ratio: median(times) / median(bare),
        reach: 'at most 2.5',
      })),
      ...(await idle(inside(['-e', empty]), inside(isNew ? daemon : configured))),
    ];
  } finally {
    execFileSync('ip', ['netns', 'del', netns]);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function idle(node: ChildProcess, daemon: ChildProcess): Promise<Row[]> {
  // V8 tidies its heap up for some twenty seconds after the last work: that is not the daemon waking.
  await sleep(30_000);
  const [ofNode, ofDaemon] = [memory(node.pid!), memory(daemon.pid!)];
  const calls = await systemCalls(daemon.pid!, 20);
  await Promise.all([stop(node), stop(daemon)]);
  const row = (unit: 'Rss' | 'Pss'): Row[] => [
    { case: `idle ${unit}`, who: 'empty Node program', value: ofNode[unit], unit: 'MB' },
    {
      case: `idle ${unit}`,
      who: 'netconfd',
      value: ofDaemon[unit],
      unit: 'MB',
      ratio: ofDaemon[unit] / ofNode[unit],
      reach: 'at most 1.15',
    },
  ];
  const wakes: Row[] =
    calls === undefined
      ? []
      : [{ case: 'system calls in 20 s of idleness', who: 'netconfd', value: calls, unit: '', reach: '0' }];
  return [...row('Rss'), ...row('Pss'), ...wakes];
}

/** proc_pid_smaps(5), in megabytes. */
function memory(pid: number): { Rss: number; Pss: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const of = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB`, 'm').exec(text)?.[1]) / 1024;
  return { Rss: of('Rss'), Pss: of('Pss') };
}

/** Calls that strace sees begin; undefined without strace. */
async function systemCalls(pid: number, seconds: number): Promise<number | undefined> {
  if (spawnSync('strace', ['-V']).status !== 0) return undefined;
  const strace = spawn('strace', ['-f', '-p', String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  strace.stderr.setEncoding('utf8').on('data', part => {
    text += part;
  });
  await sleep(seconds * 1000);
  strace.kill('SIGINT');
  await ended(strace);
  // The calls that it was waiting in when strace came are shown once, as unfinished or resumed.
  return text.split('\n').filter(line => /\w\(/.test(line) && !/unfinished|resumed|detached/.test(line))
    .length;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise(resolve => child.once('exit', () => resolve()));
}

function said(child: ChildProcess, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stderr!.on('data', data => String(data).includes(words) && resolve());
    child.once('exit', status => reject(new Error(`netconfd ended with status ${status}`)));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  const gone = ended(child);
  child.kill();
  await gone;
}
