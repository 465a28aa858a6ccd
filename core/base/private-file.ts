import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { checkTrust } from './trust.ts';

/**
 * Makes a directory of runtime files where it is missing. Throws node's errors, and where somebody else could have put it
 * there, or could replace what lies in it, by the rule of {@link checkTrust} for parents: beside a socket in `/tmp` anybody
 * can be first.
 */
export function makePrivate(directory: string, mode = 0o700): void {
  mkdirSync(directory, { recursive: true, mode });
  const trust = checkTrust(`${directory}/.`);
  if ('reason' in trust) throw new Error(trust.reason);
}

/**
 * Writes what is kept over a restart, whole or not at all, for its owner alone: its directory is made where it is
 * missing, and the file before stays until the new one is there. One writer for each path. Throws as {@link makePrivate}.
 */
export function writePrivate(path: string, text: string): void {
  makePrivate(dirname(path));
  rmSync(`${path}.new`, { force: true });
  writeFileSync(`${path}.new`, text, { mode: 0o600, flag: 'wx' });
  renameSync(`${path}.new`, path);
}

/** Reads what was kept. Throws node's errors, and where somebody else could have put it there. */
export function readPrivate(path: string): string {
  const trust = checkTrust(path);
  if ('reason' in trust) throw new Error(trust.reason);
  return readFileSync(path, 'utf8');
}
