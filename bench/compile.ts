import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Compiles one C file of a benchmark, statically, and says where the program lies. Throws without a C compiler. */
export function compile(source: string, folder: string, name: string): string {
  const program = join(folder, name);
  execFileSync('cc', ['-O2', '-static', '-o', program, source], { stdio: ['ignore', 'ignore', 'inherit'] });
  return program;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
