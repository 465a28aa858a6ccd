import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { messageOf, NetconfError } from '../base/errors.ts';
import { checkTrust } from '../base/trust.ts';
import type { Positions } from './positions.ts';
import { type Configuration, defaults, schema } from './schema.ts';

/** A configuration in force, and where each of its keys stands. */
export interface Loaded {
  configuration: Configuration;
  /** Null for the defaults. */
  file: string | null;
  /** FILE:LINE:COLUMN of a path of keys, or of the deepest part of it that the file has. */
  locate: (path: readonly PropertyKey[]) => string;
}

/** Names that are looked for in the configuration directory, in this order. */
const names = ['netconf.yaml', 'netconf.yml', 'netconf.json'];

/**
 * Reads the configuration: `file`, else the first of {@link names} in `directory`, else the defaults. Throws
 * `BadConfiguration` with one line per mistake, each with FILE:LINE:COLUMN, or `Untrusted`.
 */
export async function loadConfiguration(file?: string, directory = '/etc/netconf'): Promise<Loaded> {
  const found = file ?? names.map(name => join(directory, name)).find(exists);
  if (found === undefined) return { configuration: defaults(), file: null, locate: () => 'the defaults' };
  if (!exists(found)) {
    throw new NetconfError('BadConfiguration', `${found}: there is no such file`, { hint: 'check --config' });
  }
  const trust = checkTrust(found);
  if ('reason' in trust) throw new NetconfError('Untrusted', trust.reason);
  const { value, positions } = await read(found);
  return { configuration: validate(value, positions), file: found, locate: path => positions.locate(path) };
}

/**
 * cosmiconfig reads the file, with loaders for YAML and JSON alone. It and the parser are loaded here and not before: a
 * daemon without configuration starts without them. Constructing an explorer makes cosmiconfig look into the current
 * directory for a configuration of its own, code included: that directory is the root meanwhile.
 */
async function read(file: string): Promise<{ value: unknown; positions: Positions }> {
  const [{ cosmiconfigSync }, { parse }] = await Promise.all([
    import('cosmiconfig'),
    import('./positions.ts'),
  ]);
  // cosmiconfig would put the path before a loader's message, and follow "$import": an object of our own avoids both.
  const loader = (_: string, text: string) => ({ text });
  const data = { '.yaml': loader, '.yml': loader, '.json': loader, noExt: loader };
  const code = { '.js': refuse, '.ts': refuse, '.mjs': refuse, '.cjs': refuse };
  const before = process.cwd();
  process.chdir('/');
  try {
    const options = {
      searchPlaces: names,
      stopDir: dirname(file),
      cache: false,
      loaders: { ...data, ...code },
    };
    const result = cosmiconfigSync('netconf', options).load(file);
    const { text } = (result?.config ?? { text: '' }) as { text: string };
    const { value, positions } = parse(file, text);
    return { value: value ?? {}, positions };
  } catch (error) {
    if (error instanceof NetconfError) throw error;
    throw new NetconfError('BadConfiguration', `${file}: ${messageOf(error)}`, { cause: error });
  } finally {
    process.chdir(before);
  }
}

function refuse(path: string): never {
  throw new NetconfError('BadConfiguration', `${path}: a configuration is data, not code`, {
    hint: 'write netconf.yaml or netconf.json',
  });
}

function validate(value: unknown, positions: Positions): Configuration {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const lines = result.issues.map(issue => {
    const path = (issue.path ?? []).map(part => part.key as PropertyKey);
    return `${positions.locate(path)}: ${path.map(String).join('.') || 'configuration'}: ${sentenceOf(issue)}`;
  });
  throw new NetconfError('BadConfiguration', lines.join('\n'));
}

function sentenceOf(issue: v.BaseIssue<unknown>): string {
  if (issue.type === 'strict_object' && issue.expected === 'never') return `unknown key ${issue.received}`;
  return issue.message;
}

function exists(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
