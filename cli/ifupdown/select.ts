import { rename } from '../../plugins/interfaces/debian/link.ts';
import { expand } from '../../plugins/interfaces/debian/template.ts';
import { expandPatterns, isPattern, type System } from '../../plugins/interfaces/match/expand.ts';
import { fnmatch } from '../../plugins/interfaces/match/fnmatch.ts';
import { afterRenames, type Rename, readRename } from '../../plugins/interfaces/match/rename.ts';
import type { Interfaces } from '../../plugins/interfaces/parse/model.ts';
import type { Line } from './options.ts';
import type { Say } from './say.ts';
import type { States } from './states.ts';

/** What a selection needs of the rest of the program. */
export interface World {
  line: Line;
  say: Say;
  interfaces: Interfaces;
  system: System;
  states: States;
  /** Runs a command line; false ends the program. */
  run(command: string): boolean;
}

/** What the words (or `-a`, or a class) come to: interfaces, `IFACE=LOGICAL` some of them, in their order. */
export function selectTargets(world: World): string[] {
  return targetsOf(world, renamesOf(world));
}

/** What `rename` lines come to: on the way up those that were run. */
export function renamesOf(world: World): Rename[] {
  const { line, interfaces, system } = world;
  const isUp = line.command === 'ifup';
  const renames = expandPatterns(interfaces.rename, system).flatMap(text => {
    const rename = readRename(text);
    if (rename === undefined && isUp) world.say.fail(`missing target name for interface ${text}`);
    return rename ?? [];
  });
  return isUp ? renames.filter(each => renameLink(each, world)) : renames;
}

export function targetsOf(world: World, renames: readonly Rename[]): string[] {
  const { line, interfaces } = world;
  const isUp = line.command === 'ifup';
  const targets = named(world).map(target => afterRenames(target, renames));
  if (!isUp || line.allow === undefined) return targets;
  return [...new Set([...targets, ...vlansOf(targets, interfaces.classes.get(line.allow) ?? [])])];
}

function named({ line, say, interfaces, system, states }: World): string[] {
  if (!line.all && !(line.list && line.words.length === 0)) return expandPatterns(line.words, system);
  if (line.command === 'ifdown') return states.all();
  if (line.command === 'ifquery' && !line.list) say.usage();
  return expandPatterns(interfaces.classes.get(line.allow ?? 'auto') ?? [], system);
}

/** Only what is there, and has another name yet, is renamed. */
function renameLink({ from, to }: Rename, { say, system, run }: World): boolean {
  if (from === to || !system.names().includes(from)) return false;
  const { text = '' } = expand(rename, name => (name === 'iface' ? from : to));
  if (!run(text)) say.fail(`unable to rename ${from} to ${to}`);
  return true;
}

/** VLANs in the same class as their parent come with it; interfaces(5). */
function vlansOf(targets: readonly string[], entries: readonly string[]): string[] {
  const parents = targets.filter(target => !target.includes('.'));
  return parents.flatMap(parent => entries.filter(entry => entry.startsWith(`${parent}.`)));
}

/** Whether an interface is passed over: another class, `--exclude`, or no-auto-down. */
export function ignorer({ line, interfaces, system }: World): (iface: string) => boolean {
  const entries = line.allow === undefined ? undefined : (interfaces.classes.get(line.allow) ?? []);
  let allowed = entries?.some(isPattern) ? undefined : namesIn(entries);
  const kept = line.all && line.command === 'ifdown' ? interfaces.noAutoDown : [];
  const patterns = [...line.exclude, ...kept];
  return iface => {
    allowed ??= namesIn(expandPatterns(entries ?? [], system));
    if (entries !== undefined && !allowed.has(iface)) return true;
    return patterns.some(pattern => fnmatch(pattern, iface));
  };
}

function namesIn(entries: readonly string[] | undefined): Set<string> {
  return new Set(entries?.map(entry => entry.split('=')[0] ?? ''));
}
