import { execFileSync } from 'node:child_process';
import { NetconfError } from '../../core/base/errors.ts';

/** What `ip -j` says of links, addresses and routes, as far as a network file is about it. */
export interface Kernel {
  links: LinkNow[];
  routes: RouteNow[];
}

export interface LinkNow {
  ifname: string;
  flags: string[];
  mtu: number;
  link_type: string;
  address?: string;
  master?: string;
  linkinfo?: { info_kind?: string; info_data?: { remote?: string; stp_state?: number } };
  addr_info?: AddressNow[];
}

export interface AddressNow {
  family: string;
  local: string;
  prefixlen: number;
  broadcast?: string;
  /** The other end of a point-to-point link. */
  address?: string;
  scope: string;
  label?: string;
  dynamic?: boolean;
  temporary?: boolean;
  tentative?: boolean;
}

export interface RouteNow {
  dst: string;
  gateway?: string;
  dev?: string;
  metric?: number;
  protocol?: string;
  table?: string;
  prefsrc?: string;
  type?: string;
  nexthops?: object[];
  family: 'inet' | 'inet6';
}

/** Milliseconds. */
const deadline = 10_000;
const largest = 256 * 1024 * 1024;

/** Asked once, in the caller's network namespace. */
export function readKernel(): Kernel {
  const links = ip<LinkNow>('-d', 'address', 'show');
  const routes = (['inet', 'inet6'] as const).flatMap(family =>
    ip<RouteNow>('-f', family, 'route', 'show', 'table', 'main').map(route => ({ ...route, family })),
  );
  return { links, routes };
}

/** The queueing discipline of each link that has one of its own: bits in a second. */
export function readLimits(): Map<string, number> {
  const found = json<{ kind: string; dev: string; root?: boolean; options?: { rate?: number } }>('tc', [
    '-j',
    'qdisc',
    'show',
  ]);
  return new Map(
    found.flatMap(({ kind, dev, root, options }) =>
      kind === 'tbf' && root && options?.rate !== undefined ? [[dev, options.rate * 8]] : [],
    ),
  );
}

function ip<T>(...words: string[]): T[] {
  return json<T>('ip', ['-j', ...words]);
}

function json<T>(program: string, words: readonly string[]): T[] {
  try {
    const text = execFileSync(program, words, {
      encoding: 'utf8',
      timeout: deadline,
      maxBuffer: largest,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return text.trim() === '' ? [] : (JSON.parse(text) as T[]);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const hint = code === 'ENOENT' ? 'it is of the package iproute2' : undefined;
    throw new NetconfError(
      'SystemCall',
      `${program} ${words.join(' ')}: ${message}`,
      hint === undefined ? {} : { hint },
    );
  }
}
