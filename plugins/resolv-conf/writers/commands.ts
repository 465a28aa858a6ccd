import type { Part } from '../merge.ts';
import type { Owner } from '../owner.ts';
import { allOf, isForAll } from '../scope.ts';
import { linesOf } from '../text.ts';

/** One run of a program that owns name service. */
export interface Command {
  argv: readonly string[];
  input?: string;
}

/** openresolv puts metrics in order as texts of seven digits. */
const lastMetric = 9_999_999;

type Program = Extract<Owner, { program: string }>['by'];

/**
 * What tells the owner of resolv.conf of one interface. For resolvconf a record that no other program has; openresolv
 * orders by metric; systemd-resolved knows a link's servers and domains, and no options.
 */
export function toGive(by: Program, part: Part, parts: readonly Part[]): Command[] {
  const { interface: on, metric } = part;
  if (by === 'resolvconf') return [{ argv: ['-a', recordOf(on)], input: linesOf(part) }];
  if (by === 'openresolv') {
    // Without one it is put first, which is right for a VPN alone.
    const isFirst = metric === undefined && part.contributions.some(({ kind }) => kind === 'vpn');
    const order = isFirst ? [] : ['-m', String(Math.min(metric ?? lastMetric, lastMetric))];
    return [{ argv: [...order, '-a', recordOf(on)], input: linesOf(part) }];
  }
  const link = linkOf(on);
  const servers = allOf(part, 'servers').map(server => server.replace(/%.*$/, ''));
  const domains = allOf(part, 'search').filter(domain => domain !== '.');
  return [
    { argv: ['dns', link, ...orEmpty(servers)] },
    { argv: ['domain', link, ...orEmpty(domains)] },
    { argv: ['default-route', link, isForAll(part, parts) ? 'yes' : 'no'] },
  ];
}

/** What takes it back. */
export function toTakeBack(by: Program, on: string): Command {
  if (by === 'systemd-resolved') return { argv: ['revert', linkOf(on)] };
  // openresolv complains of a record that is not there, unless it is forced.
  return { argv: [...(by === 'openresolv' ? ['-f'] : []), '-d', recordOf(on)] };
}

/** May a program be told of an interface of this name, or would it take it for something else? */
export function canBeTold({ interface: on }: Part): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._:@-]*$/.test(on);
}

const recordOf = (on: string) => `${on}.netconf`;
const linkOf = (on: string) => on.replace(/:.*$/, '');
/** An empty argument takes away what was there (resolvectl(1)). */
const orEmpty = (words: readonly string[]) => (words.length === 0 ? [''] : words);
