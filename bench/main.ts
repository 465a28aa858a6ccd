/**
 * `npm run bench [CASE]… [-- --json]`: runs the benchmarks, each in a process of its own, one after the other, and prints
 * them as a table, or as JSON. Numbers of one machine at one time: what counts is the ratios.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from './row.ts';

const folder = import.meta.dirname;
const cases = readdirSync(folder, { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(entry => entry.name);

const words = process.argv.slice(2);
if (words[0] === '--one') {
  const { run } = (await import(join(folder, words[1]!, 'index.ts'))) as { run: () => Promise<Row[]> };
  const rows = await run();
  process.stdout.write(`\n${JSON.stringify(rows)}`, () => process.exit(0));
} else {
  const json = words.includes('--json');
  const wanted = words.filter(word => !word.startsWith('--'));
  const all: Row[] = [];
  for (const name of wanted.length > 0 ? wanted : cases) {
    process.stderr.write(`${name}…\n`);
    all.push(...runOne(name));
  }
  console.log(json ? JSON.stringify(all, null, 2) : table(all));
}

function runOne(name: string): Row[] {
  const line = [...process.execArgv, import.meta.filename, '--one', name];
  // It would cost every Node program some 50 ms, and so flatter every ratio to an empty one.
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const child = spawnSync(process.execPath, line, {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 600_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  const last = child.stdout?.split('\n').at(-1) ?? '';
  if (child.status === 0 && last.startsWith('[')) return JSON.parse(last) as Row[];
  return [
    { case: name, who: `failed: ${child.signal ?? `status ${child.status}`}`, value: Number.NaN, unit: '' },
  ];
}

function table(rows: readonly Row[]): string {
  const cells = rows.map(({ case: what, who, value, unit, ratio, reach }) => [
    what,
    who,
    `${round(value)} ${unit}`,
    ratio === undefined ? '' : ratio.toFixed(2),
    reach ?? '',
  ]);
  const all = [['case', 'who', 'median', 'ratio', 'to reach'], ...cells];
  const widths = all[0]!.map((_, column) => Math.max(...all.map(row => row[column]!.length)));
  return all
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
