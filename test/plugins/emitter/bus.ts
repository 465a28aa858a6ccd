import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Folder } from '../../folder.ts';
import { until } from '../../until.ts';

const configuration = (path: string) => `<busconfig>
  <type>system</type>
  <listen>unix:path=${path}</listen>
  <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/><allow user="*"/></policy>
</busconfig>
`;

/** A real dbus-daemon on a socket of the test's, and stand-ins for the services on it. */
export class PrivateBus implements AsyncDisposable {
  readonly folder = new Folder();
  readonly address = `unix:path=${this.folder.path}/bus`;
  readonly #children: ChildProcess[] = [];

  async start(): Promise<void> {
    const file = this.folder.write('bus.conf', configuration(`${this.folder.path}/bus`));
    this.#children.push(spawn('dbus-daemon', [`--config-file=${file}`, '--nofork'], { stdio: 'ignore' }));
    await until('the bus', () => existsSync(join(this.folder.path, 'bus')));
  }

  /** What it is told, as it comes. */
  async standIn(kind: 'upstart' | 'systemd'): Promise<{ told: unknown[][]; kill: () => void }> {
    const script = fileURLToPath(new URL('stand-in.py', import.meta.url));
    const child = spawn('/usr/bin/python3', [script, this.address, kind], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#children.push(child);
    const told: unknown[][] = [];
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      told.push(...lines.map(line => JSON.parse(line) as unknown[]));
    });
    await until('the stand-in', () => told.shift());
    return { told, kill: () => void child.kill('SIGKILL') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = this.#children.map(child =>
      child.exitCode !== null || child.signalCode !== null
        ? undefined
        : new Promise(resolve => child.once('exit', resolve)),
    );
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.all(ended);
    this.folder[Symbol.dispose]();
  }
}
