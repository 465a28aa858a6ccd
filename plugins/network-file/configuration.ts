import { build } from './language/build.ts';
import { type Files, filesInMemory } from './language/files.ts';
import type { Model } from './language/model.ts';
import type { Problem } from './language/problem.ts';
import { readNetworkFile } from './language/read.ts';
import { type Names, systemNames } from './language/services.ts';
import { type Unit, unitsOf } from './units.ts';

/** The network file as it was read at one time: all its texts, and what they come to. */
export interface Configuration {
  /** By path, in the order in which they were read; none where there is no network file. */
  texts: ReadonlyMap<string, string>;
  model: Model;
  units: ReadonlyMap<string, Unit>;
  /** Errors, with which it must not come into force, and warnings. */
  problems: readonly Problem[];
  hasErrors: boolean;
}

const nothing: Model = { networks: [], routes: [], bridges: [], rules: [] };

export const empty: Configuration = {
  texts: new Map(),
  model: nothing,
  units: new Map(),
  problems: [],
  hasErrors: false,
};

/** Reads the network file, and what it includes. Without a file it is {@link empty}. */
export function readConfiguration(file: string, files: Files, names: Names = systemNames()): Configuration {
  const reading = readNetworkFile(file, files);
  if (reading === undefined) return empty;
  const { sources, problems } = reading;
  const model = build(reading, names);
  return {
    texts: new Map(sources.map(({ path, text }) => [path, text])),
    model,
    units: unitsOf(model),
    problems: problems.sorted(sources),
    hasErrors: problems.hasErrors,
  };
}

/** The same from texts that were kept. */
export function configurationOf(file: string, texts: ReadonlyMap<string, string>): Configuration {
  return texts.size === 0 ? empty : readConfiguration(file, filesInMemory(texts));
}

export function sameTexts(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([path, text]) => b.get(path) === text);
}
