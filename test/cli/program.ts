import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** The program as it ships: one CommonJS file, in a directory of its own. */
export class BuiltProgram {
  readonly directory: string;
  readonly file: string;

  constructor() {
    const root = join(import.meta.dirname, '../..');
    this.directory = mkdtempSync(join(tmpdir(), 'netconf-program-'));
    this.file = join(this.directory, 'netconf.cjs');
    // For the module that is not in the bundle.
    symlinkSync(join(root, 'node_modules'), join(this.directory, 'node_modules'));
    buildSync({
      entryPoints: [join(root, 'cli/netconf.ts')],
      outfile: this.file,
      bundle: true,
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      external: ['koffi'],
      logLevel: 'error',
    });
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }

  start(args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    return spawn(process.execPath, [this.file, ...args], { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  }

  async run(args: readonly string[], options: SpawnOptions = {}): Promise<Outcome> {
    return outcomeOf(this.start(args, { timeout: 15_000, ...options }));
  }
}

export async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const outcome: Outcome = { status: null, stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', text => {
    outcome.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', text => {
    outcome.stderr += text;
  });
  outcome.status = await new Promise(done => child.on('close', done));
  return outcome;
}
