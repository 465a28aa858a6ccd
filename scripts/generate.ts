/**
 * Writes what is made from the sources' tables into a directory: manual pages, and the configuration's JSON Schema for
 * editors. The date of the pages is that of SOURCE_DATE_EPOCH (reproducible-builds.org) where it is set.
 */
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manual } from '../cli/manual.ts';
import { programs } from '../cli/table.ts';
import { version } from '../core/base/version.ts';
import { jsonSchema } from '../core/config/json-schema.ts';

const directory = process.argv[2] ?? 'dist';
const pages = join(directory, 'man');
const epoch = process.env.SOURCE_DATE_EPOCH;
const date = (epoch === undefined ? new Date() : new Date(Number(epoch) * 1000)).toISOString().slice(0, 10);

mkdirSync(pages, { recursive: true });
for (const program of programs) {
  writeFileSync(join(pages, `${program.name}.${program.section}`), manual(program, version, date));
}
if (existsSync('docs/man')) cpSync('docs/man', pages, { recursive: true });
writeFileSync(join(directory, 'netconf.schema.json'), `${JSON.stringify(jsonSchema(), null, 2)}\n`);
