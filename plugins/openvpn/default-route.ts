import { readFileSync } from 'node:fs';
import type { Netconf, Operation } from 'netconf/plugin';
import { isDevice } from './configuration.ts';
import { pause } from './process.ts';

/** Is there a way to everywhere, but for one that leads through this interface? */
function hasDefaultRoute(but: string): boolean {
  return inIPv4(but) || inIPv6(but);
}

/**
 * A default route: the one that there is; else the interfaces are brought up in their order until there is one; with
 * `any`, or when all of them are up, it is waited for. The sentence why there is none.
 *
 * @param words of the parameter `default-route`: `any`, or names of interfaces
 */
export async function defaultRoute(
  netconf: Pick<Netconf, 'operate'>,
  operation: Operation,
  words: string,
  ms: number,
): Promise<string | undefined> {
  const { interface: on, signal } = operation;
  const names = words.split(/\s+/).filter(word => word !== 'any');
  const strange = names.find(name => !isDevice(name) || name === on);
  if (strange !== undefined)
    return `default-route ${words}: any, or names of other interfaces, were expected`;
  const end = performance.now() + ms;
  const tried: string[] = [];
  for (const name of names) {
    if (hasDefaultRoute(on) || signal.aborted) break;
    operation.progress(`${name} first: there is no default route`);
    const { state, message } = await netconf.operate('ifup', name, { inside: operation });
    tried.push(`${name}: ${message ?? state}`);
  }
  while (!hasDefaultRoute(on)) {
    if (signal.aborted) return 'interrupted';
    const why = tried.length === 0 ? '' : ` (${tried.join('; ')})`;
    if (performance.now() >= end) return `there is no default route${why}`;
    await pause(100);
  }
  return undefined;
}

/** RTF_UP and RTF_REJECT of linux/route.h. */
const up = 0x1;
const reject = 0x200;

/** Iface Destination Gateway Flags RefCnt Use Metric Mask …, in hexadecimal. */
function inIPv4(but: string): boolean {
  return linesOf('/proc/net/route').some(line => {
    const [name, destination, , flags = '', , , , mask] = line.split(/\s+/);
    const bits = Number.parseInt(flags, 16);
    return destination === '00000000' && mask === '00000000' && (bits & up) !== 0 && name !== but;
  });
}

/** Destination, its length, source, its length, next hop, metric, counters, flags, name. */
function inIPv6(but: string): boolean {
  return linesOf('/proc/net/ipv6_route').some(line => {
    const [destination = '', length, , , , , , , flags = '', name] = line.trim().split(/\s+/);
    const bits = Number.parseInt(flags, 16);
    const usable = (bits & up) !== 0 && (bits & reject) === 0 && name !== but && name !== 'lo';
    return /^0{32}$/.test(destination) && length === '00' && usable;
  });
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}
