import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { selectNames } from './select.ts';

/** The executables of one directory that run-parts would run, in its order; and what keeps others from running. */
export interface Parts {
  paths: string[];
  problems: string[];
}

/** Looks as debianutils' run-parts does: stat(2), plain, executable. A missing directory is an empty one. */
export function listParts(directory: string, only: (name: string) => boolean = () => true): Parts {
  const parts: Parts = { paths: [], problems: [] };
  for (const name of selectNames(namesIn(directory, parts.problems))) {
    if (!only(name)) continue;
    const path = `${directory}/${name}`;
    try {
      const stats = statSync(path);
      if (!stats.isFile()) {
        if (!stats.isDirectory()) parts.problems.push(`${path} is no plain file`);
        continue;
      }
      if ((stats.mode & 0o111) === 0) continue;
      accessSync(path, constants.X_OK);
      parts.paths.push(path);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'EACCES') parts.problems.push(`${path} cannot be looked at: ${code}`);
    }
  }
  return parts;
}

function namesIn(directory: string, problems: string[]): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT') problems.push(`${directory} cannot be read: ${code}`);
    return [];
  }
}
