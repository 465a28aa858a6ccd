import { execFileSync } from 'node:child_process';
import { signal } from '../core/base/processes.ts';

/** Ends all that runs in a network namespace, and removes it. */
export function removeNamespace(name: string): void {
  const pids = execFileSync('ip', ['netns', 'pids', name], { encoding: 'utf8' });
  for (const pid of pids.split('\n')) if (pid !== '') signal(Number(pid), 'SIGKILL');
  execFileSync('ip', ['netns', 'del', name], { stdio: 'pipe' });
}
