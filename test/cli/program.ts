import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
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
    // Within the project, so that the bundle finds the module that is not in it.
    const root = join(import.meta.dirname, '../..');
    mkdirSync(join(root, 'dist'), { recursive: true });
    this.directory = mkdtempSync(join(root, 'dist/test-'));
    this.file = join(this.directory, 'netconf.cjs');
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
