/** Writes what is made from the sources' tables: manual pages, and the configuration's JSON Schema for editors. */
import { writeFileSync } from 'node:fs';
import { jsonSchema } from '../core/config/json-schema.ts';
import './manuals.ts';

writeFileSync('dist/netconf.schema.json', `${JSON.stringify(jsonSchema(), null, 2)}\n`);
