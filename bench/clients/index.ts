/** What one call of a `netconf` subcommand costs as a whole process, against a daemon that runs, beside `node -e 0`. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../compile.ts';
import type { Row } from '../row.ts';

const dist = join(import.meta.dirname, '../../dist');
const rounds = 21;

export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'netconf-bench-'));
  const netns = `ncb${process.pid}`;
  execFileSync('ip', ['netns', 'add', netns]);
  const socket = join(folder, 'control');
  writeFileSync(join(folder, 'netconf.yaml'), '');
  const line = [
    join(dist, 'netconfd.cjs'),
    '--socket',
    socket,
    '--config',
    join(folder, 'netconf.yaml'),
    '--netns',
    netns,
  ];
  const daemon = spawn(process.execPath, line, { stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    await new Promise(resolve =>
      daemon.stderr.on('data', data => String(data).includes('Control socket') && resolve(0)),
    );
    const program = join(dist, 'netconf.cjs');
    const calls: Record<string, string[]> = {
      'node -e 0': ['-e', '0'],
      'netconf status': [program, 'status'],
      'netconf emit': [program, 'emit', 'bench-event'],
      'netconf history': [program, 'history', '--limit', '5'],
    };
    const times = new Map(Object.keys(calls).map(name => [name, [] as number[]]));
    for (let i = 0; i < rounds; i++) {
      for (const [name, words] of Object.entries(calls)) {
        const begin = performance.now();
        const { status } = spawnSync(process.execPath, words, {
          env: { NETCONF_SOCKET: socket },
          stdio: 'ignore',
        });
        if (status !== 0) throw new Error(`${name}: status ${status}`);
        times.get(name)!.push(performance.now() - begin);
      }
    }
    const floor = median(times.get('node -e 0')!);
    return [...times].map(([who, all]) => ({
      case: 'client',
      who,
      value: median(all),
      unit: 'ms',
      ...(who !== 'node -e 0' && { ratio: median(all) / floor, reach: 'at most 1.4' }),
    }));
  } finally {
    daemon.kill();
    await new Promise(resolve => daemon.once('exit', resolve));
    execFileSync('ip', ['netns', 'del', netns]);
    rmSync(folder, { recursive: true, force: true });
  }
}
