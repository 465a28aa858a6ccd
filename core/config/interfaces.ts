import type { Loaded } from './load.ts';

/** One option: name, value, and FILE:LINE:COLUMN. */
type Option = readonly [name: string, value: string, place: string];

/** The section `interfaces`: options by logical interface; one that has several values comes several times. */
export function interfaceOptions({ configuration, locate }: Loaded): ReadonlyMap<string, readonly Option[]> {
  const all = Object.entries(configuration.interfaces).map(([logical, options]) => {
    const list = Object.entries(options).flatMap(([name, given]) => {
      const path = ['interfaces', logical, name];
      if (!Array.isArray(given)) return [[name, String(given), locate(path)] as const];
      return given.map((value, at) => [name, String(value), locate([...path, at])] as const);
    });
    return [logical, list] as const;
  });
  return new Map(all);
}
