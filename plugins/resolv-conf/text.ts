import { type Merged, type Part, type Sourced, sourceOf } from './merge.ts';
import { allOf, mostValues } from './scope.ts';

/** resolv.h, MAXNS: libc asks the first three. */
export const mostServers = 3;
/** What glibc before 2.26 takes (resolv.h, MAXDNSRCH, MAXDNAME), and musl as a line (resolvconf.c). */
const mostSearched = 6;
const longestSearch = 256;

/** A text of resolv.conf(5), and what libc will not use of it, for people. */
export interface Composed {
  text: string;
  limits: string[];
}

/** @param local where a local server answers for all of them: its address, and what it is called */
export function compose(merged: Merged, saved: string, local?: { address: string; name: string }): Composed {
  const limits: string[] = [];
  const lines: string[] = [];
  const servers = local === undefined ? merged.servers : [];
  if (local !== undefined) lines.push(`# ${local.name}, which asks:`, ...merged.servers.map(commented));
  if (local !== undefined) lines.push(`nameserver ${local.address}`);
  for (const { value, of } of servers.slice(0, mostServers))
    lines.push(`# ${describe(merged, of.interface)}, ${sourceOf(of)}`, `nameserver ${value}`);
  const unused = servers.slice(mostServers, mostValues);
  if (unused.length > 0) {
    limits.push(`libc asks ${mostServers} servers at most: not ${listed(unused)}`);
    lines.push(`# Not asked, since libc takes ${mostServers}:`, ...unused.map(commented));
  }
  const taken = merged.search.slice(0, mostValues);
  if (taken.length < merged.search.length)
    limits.push(`of ${merged.search.length} search domains the first ${mostValues} are taken`);
  const search = taken.map(({ value }) => value);
  if (search.length > 0) {
    const line = `search ${search.join(' ')}`;
    if (search.length > mostSearched || line.length >= longestSearch) {
      const limit = `the search list has ${search.length} domains and ${line.length} characters: musl, and glibc before 2.26, take ${mostSearched} in ${longestSearch - 1}`;
      limits.push(limit);
      lines.push(`# ${limit}`);
    }
    lines.push(...taken.map(({ value, of }) => `# ${value}: ${of.interface}, ${sourceOf(of)}`), line);
  }
  const words = (values: readonly Sourced[]) => values.map(({ value }) => value).join(' ');
  if (merged.options.length > 0) lines.push(`options ${words(merged.options)}`);
  if (merged.sortlist.length > 0) lines.push(`sortlist ${words(merged.sortlist)}`);
  return { text: sealed(lines, saved), limits };
}

/** The lines that one interface has by itself, as resolvconf takes them: no comments. */
export function linesOf(part: Part): string {
  const line = (word: string, values: readonly string[]) =>
    values.length === 0 ? [] : [`${word} ${values.join(' ')}`];
  return [
    ...line('search', allOf(part, 'search')),
    ...allOf(part, 'servers').map(value => `nameserver ${value}`),
    ...line('options', allOf(part, 'options')),
    ...line('sortlist', allOf(part, 'sortlist')),
    '',
  ].join('\n');
}

const mark = '# netconf wrote this file';

/** The first line says what the rest was when it was written: so a change by others is seen, whoever comes after us. */
function sealed(lines: readonly string[], saved: string): string {
  const rest = [
    '# What is changed here by hand stays, and netconf writes nothing more, until the file is removed.',
    `# What was here before, if anything, is ${saved}. See netconf-resolv-conf(7).`,
    ...lines,
    '',
  ].join('\n');
  return `${mark} (resolv-conf ${digest(Buffer.from(rest).toString('latin1'))}).\n${rest}`;
}

/** Whose text is it, one character a byte: as netconf wrote it; netconf's, but changed since; somebody else's. */
export function authorOf(text: string): 'netconf' | 'edited' | 'other' {
  if (!text.startsWith(mark)) return 'other';
  const end = text.indexOf('\n');
  const told = /^ \(resolv-conf ([0-9a-f]{16})\)\.$/.exec(text.slice(mark.length, end))?.[1];
  return told === digest(text.slice(end + 1)) ? 'netconf' : 'edited';
}

function digest(text: string): string {
  // Only now: it is no part of a start.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(text, 'latin1').digest('hex').slice(0, 16);
}

function describe({ parts }: Merged, on: string): string {
  // One alone is in no order; its metric may change without anybody looking.
  const metric = parts.length > 1 ? parts.find(part => part.interface === on)?.metric : undefined;
  return metric === undefined ? on : `${on} (metric ${metric})`;
}

const commented = ({ value, of }: Sourced) => `#   ${value}: ${of.interface}, ${sourceOf(of)}`;
const listed = (values: readonly Sourced[]) => values.map(({ value }) => value).join(', ');
