import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Recorded } from './replay.ts';

export const script = fileURLToPath(new URL('../../methods/dhcp-report', import.meta.url));

/** Runs the report script as a client does, with nothing inherited. */
export function report(directory: string, { argv, env }: Recorded, shell: readonly string[] = []): void {
  const [program = script, ...words] = [...shell, script, ...argv];
  execFileSync(program, words, {
    env: { ...env, NETCONF_DHCP: directory },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** The same, with what it says and exits with. */
export function tryReport(
  directory: string,
  { argv, env }: Recorded,
): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync(script, argv, {
    env: { ...env, NETCONF_DHCP: directory },
    encoding: 'utf8',
  });
  return { status, stderr };
}
