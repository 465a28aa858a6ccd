import { declare } from './library.ts';

const nameToIndex = declare<[string]>('unsigned int if_nametoindex(const char *name)');

/** The index of the link of this name in the network namespace of this process; undefined when there is none. */
export function linkIndex(name: string): number | undefined {
  const index = nameToIndex(name);
  return index === 0 ? undefined : index;
}
