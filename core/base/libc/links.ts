import { declare } from './library.ts';

/** linux/if.h, net/if.h: with the final NUL. */
const IF_NAMESIZE = 16;

const nameToIndex = declare<[string]>('unsigned int if_nametoindex(const char *name)');

const indexToName = declare<[number, Uint8Array], unknown>(
  'char *if_indextoname(unsigned int index, _Out_ uint8_t *name)',
);

/** The name of the link of this index; undefined when there is none. */
export function linkName(index: number): string | undefined {
  const name = Buffer.alloc(IF_NAMESIZE);
  const found = indexToName(index, name);
  return found === null ? undefined : name.toString('utf8', 0, name.indexOf(0));
}

/** The index of the link of this name in the network namespace of this process; undefined when there is none. */
export function linkIndex(name: string): number | undefined {
  const index = nameToIndex(name);
  return index === 0 ? undefined : index;
}
