import { spawnSync } from 'node:child_process';
import { fnmatch } from '../../plugins/interfaces/match/fnmatch.ts';
import { fileSentence } from '../../plugins/interfaces/parse/files.ts';
import type { Mapping } from '../../plugins/interfaces/parse/model.ts';
import { trimEnd } from '../../plugins/interfaces/parse/text.ts';
import { fromBytes, type Say } from './say.ts';

/** What mapping stanzas make of a logical name. */
export interface Mapped {
  logical: string;
  /** A pattern matched, but scripts are not run. */
  skipped: boolean;
}

/** Characters of a logical name. */
const longestName = 79;

/**
 * Asks the script of each mapping whose pattern matches, one after the other: each is told the interface, and what it
 * prints is the name that the next goes by. Undefined after a script that failed; that has been said.
 */
export function mapName(
  iface: string,
  logical: string,
  mappings: readonly Mapping[],
  run: boolean,
  verbose: boolean,
  say: Say,
): Mapped | undefined {
  let name = logical;
  let skipped = false;
  for (const mapping of mappings) {
    if (!mapping.patterns.some(pattern => fnmatch(pattern, name))) continue;
    const script = mapping.script ?? '(null)';
    if (!run) {
      if (verbose) say.warn(`not running mapping scripts for ${name}`);
      skipped = true;
      continue;
    }
    if (verbose) say.warn(`running mapping script ${script} on ${name}`);
    const mapped = runScript(iface, mapping, say);
    if (mapped === undefined) return undefined;
    name = mapped;
  }
  return { logical: name, skipped };
}

function runScript(iface: string, { script, map }: Mapping, say: Say): string | undefined {
  const name = script ?? '(null)';
  const result = spawnScript(iface, script, map);
  if ('error' in result) say.warn(`executing "${name}" failed: ${result.error}`);
  if ('error' in result || result.status !== 0) {
    say.warn(`error trying to executing mapping script ${name} on ${iface}`);
    return undefined;
  }
  if (result.output === '') {
    say.warn(`no output from mapping script ${name} on ${iface}`);
    return undefined;
  }
  const line = result.output.split('\n')[0] ?? '';
  return trimEnd(line.slice(0, longestName));
}

type Result = { status: number | null; output: string } | { error: string };

function spawnScript(iface: string, script: string | undefined, map: readonly string[]): Result {
  if (script === undefined) return { status: null, output: '' };
  if (script === '') return { error: 'No such file or directory' };
  const { status, stdout, error } = spawnSync(fromBytes(script), [fromBytes(iface)], {
    cwd: '/',
    encoding: 'latin1',
    input: Buffer.from(map.map(line => `${line}\n`).join(''), 'latin1'),
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 300_000,
  });
  // A script that does not read what it is told is none that failed.
  const code = error !== undefined && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'EACCES' || code === 'ENOEXEC'
    ? { error: fileSentence(error) }
    : { status, output: stdout };
}
