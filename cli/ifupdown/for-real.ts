import { isPattern } from '../../plugins/interfaces/match/expand.ts';
import type { Interfaces } from '../../plugins/interfaces/parse/model.ts';
import { operate } from './operate.ts';
import type { Line } from './options.ts';
import type { Say } from './say.ts';
import { ignorer, selectTargets, type World } from './select.ts';
import type { States } from './states.ts';
import { readFile, readQuietly, systemFor } from './surroundings.ts';

/** The daemon knows its files: they are read here only where the command line's words need it. */
export async function forReal(line: Line, say: Say, states: States): Promise<number> {
  let read: Interfaces | undefined;
  const interfaces = () => {
    read ??= readFile(line, say);
    return read;
  };
  // What cannot be read here may be known to netconfd, which reads another file.
  const isKnown = (logical: string) => {
    const found = readQuietly(line);
    return found === undefined || found.stanzas.some(({ name }) => name === logical);
  };
  const targets = await targetsOf(line, say, states, interfaces);
  const keep = line.all && line.command === 'ifdown' ? (readQuietly(line)?.noAutoDown ?? []) : [];
  return operate({ line, say, states, targets, isKnown, exclude: [...line.exclude, ...keep] });
}

/** Undefined where the daemon is to find them out. */
async function targetsOf(
  line: Line,
  say: Say,
  states: States,
  interfaces: () => Interfaces,
): Promise<string[] | undefined> {
  if (line.all && (line.command === 'ifdown' || line.file === undefined)) return undefined;
  const isPlain = line.allow === undefined && !line.all && !line.words.some(isPattern);
  const nothing = {
    classes: new Map(),
    stanzas: [],
    mappings: [],
    noAutoDown: [],
    noScripts: [],
    rename: [],
  };
  const known = isPlain ? { ...nothing, ownLoopback: true } : interfaces();
  const system = await systemFor(line, known);
  const world: World = { line, say, interfaces: known, system, states, run: () => false };
  const ignores = ignorer(world);
  return selectTargets(world).filter(target => !ignores(target.split('=')[0] ?? ''));
}
