import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isEventName } from '../core/bus/catalogue.ts';
import { familyOf } from '../core/bus/event.ts';
import { type Excluded, HookDirectories } from '../core/runner/directories.ts';
import { eventNames } from './completion/event-names.ts';
import type { Finding } from './finding.ts';

/** What lies in hook directories and will not run, or not as somebody may think. */
export function checkHooks(levels: readonly string[]): Finding[] {
  const directories = new HookDirectories(levels);
  const findings: Finding[] = directories
    .problems()
    .map(message => problem('error', levels[0] ?? '', message));
  const excluded = new Map<string, Excluded>();
  const look = (name: string, top: boolean) => {
    for (const one of directories.select({ name, top }).excluded) excluded.set(one.script, one);
  };
  // A name that no folder has: the scripts of `hooks.d` itself.
  look('x', true);
  for (const [level, folder] of levels.flatMap(level =>
    foldersIn(level).map(name => [level, name] as const),
  )) {
    const name = folder.replace(/\.d$/, '');
    const couldBe = folder.endsWith('.d') && isEventName(name);
    if (couldBe) {
      excluded.delete(join(level, folder));
      look(name, false);
    }
    if (couldBe && !isMisspelt(name)) continue;
    const sisters = eventNames.filter(one => familyOf(one) === familyOf(name)).join(', ');
    findings.push({
      ...problem('warning', join(level, folder), 'no event has this name: its scripts never run'),
      ...(couldBe && { hint: `there are ${sisters}` }),
    });
  }
  return [...findings, ...[...excluded.values()].filter(isMistake).map(findingOfScript)];
}

/** Masks and overrides are decisions. */
export function isMistake({ reason }: Excluded): boolean {
  return !/^(masked|overridden)/.test(reason);
}

function findingOfScript({ script, reason, refused }: Excluded): Finding {
  return problem(refused ? 'error' : 'warning', script, `does not run: ${reason}`);
}

/** Nobody but the core emits events of its families. */
function isMisspelt(name: string): boolean {
  const family = familyOf(name);
  return (
    name !== family &&
    eventNames.every(one => one !== name) &&
    eventNames.some(one => familyOf(one) === family)
  );
}

function problem(severity: Finding['severity'], place: string, message: string): Finding {
  return { severity, place, message };
}

/** A level that cannot be read has been told of already. */
function foldersIn(level: string): string[] {
  try {
    return readdirSync(level, { withFileTypes: true })
      .filter(entry => entry.isDirectory() || (entry.isSymbolicLink() && entry.name.endsWith('.d')))
      .map(entry => entry.name);
  } catch {
    return [];
  }
}
