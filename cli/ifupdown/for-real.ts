import { linkNames } from '../../core/base/links.ts';
import { isPattern, type System } from '../../plugins/interfaces/match/expand.ts';
import { afterRenames, type Rename } from '../../plugins/interfaces/match/rename.ts';
import type { Interfaces } from '../../plugins/interfaces/parse/model.ts';
import { operate } from './operate.ts';
import type { Line } from './options.ts';
import type { Say } from './say.ts';
import { ignorer, renamesOf, targetsOf as selectedOf, type World } from './select.ts';
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
  const names = () => [...namesIn(line, states)];
  return operate({ line, say, states, targets, names, isKnown, exclude: [...line.exclude, ...keep] });
}

/** What is configured, what there is, and what the file declares by its name. */
function namesIn(line: Line, states: States): Set<string> {
  const entries = [...(readQuietly(line)?.classes.values() ?? [])].flat();
  const all = [...states.all(), ...entries.filter(entry => !isPattern(entry)), ...linkNames()];
  return new Set(all.map(entry => entry.split('=')[0] ?? ''));
}

/** Undefined where the daemon is to find them out. */
async function targetsOf(
  line: Line,
  say: Say,
  states: States,
  interfaces: () => Interfaces,
): Promise<string[] | undefined> {
  // One that is named is looked at all the same: ifupdown does nothing at all with one that has a mistake.
  if (line.all && line.command === 'ifup' && line.file !== undefined) interfaces();
  if (line.all) return undefined;
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
  // Links are renamed with the first request: here they count as if they had been.
  const before: World = { line, say, interfaces: known, system, states, run: () => true };
  const renames = renamesOf(before);
  const world = line.command === 'ifup' ? { ...before, system: after(system, renames) } : before;
  const ignores = ignorer(world);
  return selectedOf(world, renames).filter(target => !ignores(target.split('=')[0] ?? ''));
}

function after(system: System, renames: readonly Rename[]): System {
  const names = new Map(system.names().map(name => [afterRenames(name, renames), name]));
  return {
    names: () => [...names.keys()],
    attribute: (name, file) => system.attribute(names.get(name) ?? name, file),
  };
}
