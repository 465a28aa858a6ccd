import { toJsonSchema } from '@valibot/to-json-schema';
import { schema } from './schema.ts';

/** The configuration's JSON Schema, for editors: `# yaml-language-server: $schema=…/netconf.schema.json`. */
export function jsonSchema(): object {
  return { title: 'netconf configuration', ...toJsonSchema(schema, { typeMode: 'input' }) };
}
