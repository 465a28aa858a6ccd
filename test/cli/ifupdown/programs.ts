import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDaemon, type TestDaemon } from '../../daemon.ts';
import { until } from '../../until.ts';

const dist = fileURLToPath(new URL('../../../dist', import.meta.url));

/** The built ifup, ifdown or ifquery. */
export function programOf(name: 'ifup' | 'ifdown' | 'ifquery'): string {
  return join(dist, `${name}.cjs`);
}

/** Runs one of them against a daemon, in its network namespace. */
export function run(
  daemon: TestDaemon,
  name: 'ifup' | 'ifdown' | 'ifquery',
  ...words: string[]
): SpawnSyncReturns<string> {
  return spawnSync('ip', ['netns', 'exec', daemon.netns!, process.execPath, programOf(name), ...words], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, NETCONF_SOCKET: daemon.socket },
    timeout: 60_000,
  });
}

/** As `run`, while the daemon's events go on being read. */
export function runAsync(
  daemon: TestDaemon,
  name: 'ifup' | 'ifdown' | 'ifquery',
  ...words: string[]
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [programOf(name), ...words], {
    env: { PATH: process.env.PATH, NETCONF_SOCKET: daemon.socket },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text;
  });
  return new Promise(resolve => child.once('close', status => resolve({ status, ...said })));
}

/** A daemon that configures nothing by itself, when the scripts of its start have run. */
export async function quietDaemon(configuration: string): Promise<TestDaemon> {
  const daemon = await startDaemon({ configuration, env: { CONFIGURE_INTERFACES: 'no' } });
  await until('the end of the start', () => existsSync(join(daemon.folder, 'interfaces/.booted')));
  return daemon;
}
