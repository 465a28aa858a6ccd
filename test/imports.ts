import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../', import.meta.url));

export interface Import {
  /** Path below the root, or the name of a package. */
  target: string;
  typeOnly: boolean;
}

/** TypeScript files of a folder below the root, sorted. */
export function sourcesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts') && !name.includes('node_modules'))
    .map(name => join(folder, name))
    .sort();
}

export function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/**
 * What a file imports, for its types alone too: `import … from`, `export … from`, `import '…'`, `import('…')`. Reads
 * what the formatter leaves behind: statements begin a line, comments do too, names are in single quotes.
 */
export function importsOf(file: string): Import[] {
  const text = read(file).replace(/^\s*(\/\/.*|\/?\*.*)$/gm, '');
  const statements = text.matchAll(/^(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'/gm);
  const bare = text.matchAll(/^import\s+'([^']+)'/gm);
  const calls = text.matchAll(/(typeof )?\bimport\(\s*'([^']+)'\s*\)/g);
  return [
    ...[...statements].map(([, type, name]) => ({ name: name!, typeOnly: type !== undefined })),
    ...[...bare].map(([, name]) => ({ name: name!, typeOnly: false })),
    ...[...calls].map(([, type, name]) => ({ name: name!, typeOnly: type !== undefined })),
  ].map(({ name, typeOnly }) => ({ target: resolve(file, name), typeOnly }));
}

function resolve(from: string, name: string): string {
  if (name === 'netconf/plugin') return 'core/plugin/contract.ts';
  if (name === 'netconf/client') return 'core/control/client.ts';
  return name.startsWith('.') ? normalize(join(dirname(from), name)) : name;
}
