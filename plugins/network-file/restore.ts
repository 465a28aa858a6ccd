import { readFileSync, renameSync } from 'node:fs';
import { modeOf, writeWhole } from './kept.ts';

/**
 * Puts files back to the texts that they had before. What lies there now is kept beside each as `PATH.unconfirmed`, so that
 * nothing that somebody has written is lost. Returns sentences about what was done, and what could not be.
 */
export function restoreFiles(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].flatMap(path => {
    const old = before.get(path);
    const now = textOf(path);
    if (now === old) return [];
    try {
      const mode = modeOf(path) ?? 0o644;
      if (now !== undefined) renameSync(path, `${path}.unconfirmed`);
      if (old !== undefined) writeWhole(path, old, mode);
      return [`${path}: put back${now === undefined ? '' : `; what was on trial is ${path}.unconfirmed`}`];
    } catch (error) {
      return [`${path}: cannot be put back: ${(error as Error).message}`];
    }
  });
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
