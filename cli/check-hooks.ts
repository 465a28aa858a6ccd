import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isEventName } from '../core/bus/catalogue.ts';
import { type Excluded, HookDirectories } from '../core/runner/directories.ts';
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
    if (folder.endsWith('.d') && isEventName(name)) look(name, false);
    else
      findings.push(problem('warning', join(level, folder), 'no event has this name: its scripts never run'));
  }
  return [...findings, ...[...excluded.values()].flatMap(findingOfScript)];
}

/** Masks and overrides are decisions, not mistakes. */
function findingOfScript({ script, reason, refused }: Excluded): Finding[] {
  if (/^(masked|overridden)/.test(reason)) return [];
  return [problem(refused ? 'error' : 'warning', script, `does not run: ${reason}`)];
}

function problem(severity: Finding['severity'], place: string, message: string): Finding {
  return { severity, place, message };
}

/** A level that cannot be read has been told of already. */
function foldersIn(level: string): string[] {
  try {
    return readdirSync(level, { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .map(entry => entry.name);
  } catch {
    return [];
  }
}
