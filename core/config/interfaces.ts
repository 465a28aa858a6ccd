import type { Loaded } from './load.ts';

/** One option: name, value, and FILE:LINE:COLUMN. */
type Option = readonly [name: string, value: string, place: string];

/** Commands have one name each, as where interfaces(5) is read: what a stanza says of one is all that is said of it. */
const commands: Readonly<Record<string, string>> = {
  pre_up: 'pre-up',
  post_up: 'up',
  'post-up': 'up',
  pre_down: 'down',
  'pre-down': 'down',
  post_down: 'post-down',
};

/** The section `interfaces`: options by logical interface; one that has several values comes several times. */
export function interfaceOptions({ configuration, locate }: Loaded): ReadonlyMap<string, readonly Option[]> {
  const all = Object.entries(configuration.interfaces).map(([logical, options]) => {
    const list = Object.entries(options).flatMap(([written, given]) => {
      const path = ['interfaces', logical, written];
      const name = Object.hasOwn(commands, written) ? commands[written]! : written;
      if (!Array.isArray(given)) return [[name, String(given), locate(path)] as const];
      return given.map((value, at) => [name, String(value), locate([...path, at])] as const);
    });
    return [logical, list] as const;
  });
  return new Map(all);
}
