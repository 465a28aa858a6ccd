import koffi from './koffi.ts';
import { check, declare } from './library.ts';

/** The first fields of struct ifaddrs, in glibc and in musl; getifaddrs(3). */
const entry = koffi.struct({ next: 'void *', name: 'const char *' });

const getifaddrs = declare<[[unknown]]>('int getifaddrs(_Out_ void **list)');
const freeifaddrs = declare<[unknown], void>('void freeifaddrs(void *list)');

/**
 * Names of this network namespace's interfaces as getifaddrs(3) lists them: each link, then each address with the name
 * of its link, so that a name comes several times. Throws SystemError.
 */
export function listInterfaceNames(): string[] {
  const list: [unknown] = [null];
  check('getifaddrs', getifaddrs(list));
  const names: string[] = [];
  try {
    for (let at = list[0]; at !== null; ) {
      const { next, name } = koffi.decode(at, entry) as { next: unknown; name: string };
      names.push(name);
      at = next;
    }
  } finally {
    freeifaddrs(list[0]);
  }
  return names;
}
