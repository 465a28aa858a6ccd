/**
 * Writes the manual pages of all programs: `node --import tsx scripts/manuals.ts [DIRECTORY]` (dist/man without it).
 * The date is that of SOURCE_DATE_EPOCH (reproducible-builds.org) where it is set.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manual } from '../cli/manual.ts';
import { programs } from '../cli/table.ts';
import { version } from '../core/base/version.ts';

const directory = process.argv[2] ?? 'dist/man';
const epoch = process.env.SOURCE_DATE_EPOCH;
const date = (epoch === undefined ? new Date() : new Date(Number(epoch) * 1000)).toISOString().slice(0, 10);
mkdirSync(directory, { recursive: true });
for (const program of programs) {
  writeFileSync(join(directory, `${program.name}.${program.section}`), manual(program, version, date));
}
