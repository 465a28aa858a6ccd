import { readdirSync } from 'node:fs';
import { messageOf } from '../../core/base/errors.ts';
import { errorAt, type Problem } from '../../core/base/text/problem.ts';
import { readText } from '../../core/base/text/read-text.ts';
import type { Trust } from '../../core/base/trust.ts';
import type { Condition } from './model.ts';
import { parseConditions } from './parse.ts';

export interface ConditionFile {
  /** Its base name: what conditions are called by. */
  name: string;
  path: string;
  conditions: Condition[];
  problems: Problem[];
}

/** Files that are read. */
const mostFiles = 1000;

/**
 * The files of a directory in the order of their names, which are those that run-parts takes; others (`x.dpkg-old`,
 * `x~`) are none. A file with an error counts for nothing. A directory that is not there is an empty one.
 */
export function readConditions(directory: string, trust: (path: string) => Trust): ConditionFile[] {
  let names: string[];
  try {
    names = readdirSync(directory).filter(name => /^[A-Za-z0-9_-]+$/.test(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    const problems = [errorAt({ line: 0, column: 0 }, messageOf(error))];
    return [{ name: '', path: directory, conditions: [], problems }];
  }
  return names
    .sort()
    .slice(0, mostFiles)
    .map(name => {
      const path = `${directory}/${name}`;
      const read = readText(path, trust);
      if ('problem' in read) return { name, path, conditions: [], problems: [read.problem] };
      const { conditions, problems } = parseConditions(read.text);
      const good = problems.every(({ severity }) => severity !== 'error');
      return { name, path, conditions: good ? conditions : [], problems };
    });
}
