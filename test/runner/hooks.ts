import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { log } from '../../core/base/log.ts';
import { Bus } from '../../core/bus/bus.ts';
import type { Event, EventFields } from '../../core/bus/event.ts';
import type { HistoryEntry } from '../../core/control/api.ts';
import { Runner, type RunnerOptions } from '../../core/runner/runner.ts';

/** Hook directories of two levels below a private folder, a bus and a runner on them. */
export class Bench {
  readonly top = mkdtempSync(join(tmpdir(), 'hooks-'));
  readonly etc = join(this.top, 'etc');
  readonly usr = join(this.top, 'usr');
  readonly bus = new Bus((owner, event, error) => {
    throw new Error(`${owner} failed for ${event.name}: ${String(error)}`);
  });
  readonly warnings: string[] = [];
  runner: Runner;

  constructor(options: Partial<RunnerOptions> = {}) {
    mkdirSync(this.etc, { mode: 0o755 });
    mkdirSync(this.usr, { mode: 0o755 });
    this.runner = new Runner({
      bus: this.bus,
      levels: [this.etc, this.usr],
      socket: join(this.top, 'control'),
      log: { ...log(), warning: message => this.warnings.push(message) },
      ...options,
    });
  }

  /** Writes a script (`link.up.d/10-x` lies in the first level, an absolute path anywhere) and says where. */
  script(name: string, body: string, mode = 0o755): string {
    const path = name.startsWith('/') ? name : join(this.etc, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    writeFileSync(path, body.startsWith('#!') ? body : `#!/bin/sh\n${body}\n`);
    chmodSync(path, mode);
    return path;
  }

  /** A file that scripts write to. */
  file(name: string): string {
    return join(this.top, name);
  }

  read(name: string): string {
    try {
      return readFileSync(this.file(name), 'utf8');
    } catch {
      return '';
    }
  }

  lines(name: string): string[] {
    return this.read(name).split('\n').filter(Boolean);
  }

  publish(name: string, fields: Partial<EventFields> = {}): Event {
    return this.bus.publish(name, { source: 'control', ...fields } as never) as unknown as Event;
  }

  /** Publishes, and waits for the outcome. */
  run(name: string, fields: Partial<EventFields> = {}): Promise<HistoryEntry> {
    return this.runner.settled(this.publish(name, fields));
  }

  async close(): Promise<void> {
    void this.runner.stop();
    await this.runner.stop();
    rmSync(this.top, { recursive: true, force: true });
  }
}

/** Waits until `condition` holds; fails after `ms`. */
export async function until(condition: () => boolean, what: string, ms = 15_000): Promise<void> {
  const end = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

/** Descriptors that this process has open. */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** Does this process exist, and is it more than a zombie? */
export function alive(pid: number): boolean {
  try {
    return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
