import { readFile } from 'node:fs';
import { promisify } from 'node:util';

const read = promisify(readFile);

/** What leads to the whole Internet: the default route, or the halves of it that VPNs lay over it. */
const everywhere4 = new Set(['00000000/00000000', '00000000/00000080']);
const RTF_UP = 1;
const RTF_REJECT = 0x200;

/**
 * The lowest metric of each interface's default routes, IPv4 and IPv6, of the main table. An interface that is not here
 * has none. Read where the kernel has it: the event that a route has changed does not tell of all the others.
 */
export async function readMetrics(): Promise<ReadonlyMap<string, number>> {
  const [v4, v6] = await Promise.all(
    ['/proc/net/route', '/proc/net/ipv6_route'].map(path => read(path, 'utf8').catch(() => '')),
  );
  return metricsOf(v4!, v6!);
}

/** @param v4,v6 the texts of /proc/net/route (fib_trie.c) and /proc/net/ipv6_route (ip6_fib.c) */
function metricsOf(v4: string, v6: string): ReadonlyMap<string, number> {
  const metrics = new Map<string, number>();
  const take = (on: string, metric: number, flags: number) => {
    if ((flags & RTF_UP) === 0 || (flags & RTF_REJECT) !== 0) return;
    metrics.set(on, Math.min(metric, metrics.get(on) ?? Number.POSITIVE_INFINITY));
  };
  // Lines of default routes alone, and of the first halves: of a full table nothing else is taken apart.
  for (const [line] of v4.matchAll(/^\S+\t00000000\t.*$/gm)) {
    const [on, destination, , flags, , , metric, mask] = line.split('\t');
    if (everywhere4.has(`${destination}/${mask}`)) take(on!, Number(metric), Number.parseInt(flags!, 16));
  }
  for (const [line] of v6.matchAll(/^(?:0{32} 0[01]|20{31} 03) .*$/gm)) {
    const words = line.split(/\s+/);
    take(words[9]!, Number.parseInt(words[5]!, 16), Number.parseInt(words[8]!, 16));
  }
  return metrics;
}
