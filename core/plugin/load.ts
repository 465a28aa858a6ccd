import { pathToFileURL } from 'node:url';
import { requireAnew } from '../base/compiled.ts';
import { messageOf, NetconfError, placeOf } from '../base/errors.ts';
import { importModule } from '../base/import-module.ts';
import { isThenable } from '../bus/bus.ts';
import { pluginFamilies, reservedFamilies } from '../bus/catalogue.ts';
import { apiVersion, type Plugin } from './contract.ts';
import type { Candidate } from './discover.ts';
import type { SchemaIssue } from './schema.ts';

/** Why a plugin was not loaded: the file (with line and column where known) and the mistake. */
export class PluginError extends NetconfError {
  /** FILE:LINE:COLUMN, or the file alone. */
  readonly place: string;

  constructor(place: string, error: unknown) {
    super('BadPlugin', `${place}: ${messageOf(error)}`, { cause: error });
    this.place = place;
  }
}

/** Milliseconds that importing, checking options, and `apply` may each take. */
export const loadDeadline = 30_000;

/**
 * Imports a plugin file and checks the shape of what it exports. A file that changed is imported anew; the old module
 * stays in memory (ES modules are never freed). `.cjs` is a CommonJS module with `exports.default`, as bundlers make it.
 *
 * @param failures of earlier imports of the file: a module that failed is not tried again under the same name
 */
export async function importPlugin({ file, stamp, name }: Candidate, failures = 0): Promise<Plugin> {
  let module: { default?: unknown };
  try {
    module = file.endsWith('.cjs')
      ? requireAnew(file)
      : await within(loadDeadline, 'import', importModule(urlOf(file, stamp, failures)));
  } catch (error) {
    throw new PluginError(await placeIn(file, error), error);
  }
  const mistake = mistakeIn(module.default, name);
  if (mistake !== undefined) throw new PluginError(file, mistake);
  return module.default as Plugin;
}

function urlOf(file: string, stamp: string, failures: number): string {
  return `${pathToFileURL(file).href}?${stamp}${failures === 0 ? '' : `-${failures}`}`;
}

/** Node keeps the line of a syntax error to itself, save for `node --check`, which prints `FILE:LINE` first. */
async function placeIn(file: string, error: unknown): Promise<string> {
  const syntax = error instanceof SyntaxError;
  if (!syntax) return placeOf(error) ?? file;
  const { execFile } = process.getBuiltinModule('node:child_process');
  const printed = await new Promise<string>(resolve =>
    execFile(process.execPath, ['--check', file], { timeout: 5_000 }, (_, __, stderr) => resolve(stderr)),
  );
  const line = /^(?:file:\/\/)?(\/.*:\d+)$/m.exec(printed)?.[1];
  return line ?? file;
}

const nameGrammar = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const known = ['name', 'version', 'api', 'needs', 'events', 'options', 'checkStanza', 'apply'];

/** What is wrong with a default export, as a sentence; undefined when it is a plugin. */
export function mistakeIn(exported: unknown, fileName: string): string | undefined {
  if (exported === undefined)
    return 'no default export: a plugin is `export default { name, apply(netconf) {} }`';
  if (typeof exported !== 'object' || exported === null) {
    return `the default export is a ${exported === null ? 'null' : typeof exported}, not a plugin object`;
  }
  const plugin = exported as Record<string, unknown>;
  if (typeof plugin.name !== 'string' || !nameGrammar.test(plugin.name) || plugin.name.length > 64) {
    return '`name` must be lower-case letters, digits and dashes, at most 64 characters';
  }
  if (plugin.name !== fileName)
    return `\`name\` is ${plugin.name}, but the file is called ${fileName}: they must agree`;
  if (typeof plugin.apply !== 'function') return '`apply` must be a function';
  if (plugin.checkStanza !== undefined && typeof plugin.checkStanza !== 'function')
    return '`checkStanza` must be a function';
  if (plugin.api !== undefined && plugin.api !== apiVersion) {
    return `it is written for plugin contract ${String(plugin.api)}; this netconf speaks ${apiVersion}`;
  }
  if (plugin.version !== undefined && typeof plugin.version !== 'string') return '`version` must be a string';
  for (const list of ['needs', 'events'] as const) {
    if (plugin[list] !== undefined && !isListOfNames(plugin[list]))
      return `\`${list}\` must be a list of names`;
  }
  const options = plugin.options as { '~standard'?: { validate?: unknown } } | undefined;
  if (options !== undefined && typeof options?.['~standard']?.validate !== 'function') {
    return '`options` must be a schema of the Standard Schema (valibot, zod, arktype…)';
  }
  const stranger = Object.keys(plugin).find(key => !known.includes(key));
  if (stranger === undefined) return mistakeInFamilies(plugin.events as readonly string[] | undefined);
  return `unknown property \`${stranger}\`: a plugin has ${known.join(', ')}`;
}

/** Why a plugin may not declare these families: those of the core are nobody's. */
function mistakeInFamilies(events: readonly string[] = []): string | undefined {
  const taken = events.find(family => reservedFamilies.has(family) && !pluginFamilies.has(family));
  return taken === undefined ? undefined : `\`events\`: the family ${taken} belongs to the core`;
}

function isListOfNames(value: unknown): boolean {
  return Array.isArray(value) && value.every(name => typeof name === 'string' && nameGrammar.test(name));
}

/**
 * Checks the configuration's options for a plugin by its schema; without a schema they pass as they are.
 * `locate` says where in the configuration a path of keys stands.
 */
export async function checkOptions(
  plugin: Plugin,
  value: unknown,
  locate: (path: PropertyKey[]) => string,
): Promise<unknown> {
  const schema = plugin.options;
  // A copy: what a plugin does to its options changes no configuration.
  if (schema === undefined) return structuredClone(value);
  const result = await within(loadDeadline, 'checking options', schema['~standard'].validate(value ?? {}));
  if (result.issues === undefined) return result.value;
  const sentences = result.issues.map(issue => {
    const path = pathOf(issue);
    return `${locate(path)}: plugins.${[plugin.name, ...path.map(String)].join('.')}: ${issue.message}`;
  });
  throw new NetconfError('BadConfiguration', sentences.join('\n'));
}

function pathOf(issue: SchemaIssue): PropertyKey[] {
  return (issue.path ?? []).map(part => (typeof part === 'object' ? part.key : part));
}

/** Rejects with `TimedOut` when the promise is still pending after `ms`. */
export async function within<T>(ms: number, what: string, promise: T | PromiseLike<T>): Promise<T> {
  if (!isThenable(promise)) return promise;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new NetconfError('TimedOut', `${what}: still pending after ${ms / 1000} s`)),
      ms,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
