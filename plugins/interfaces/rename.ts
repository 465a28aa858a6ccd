import { existsSync } from 'node:fs';
import { failureOf, type Netconf, type Renaming } from 'netconf/plugin';
import { linkNames } from '../../core/base/links.ts';
import type { ParsedFiles } from './cache.ts';
import { expandPatterns, readAttribute } from './match/expand.ts';
import { afterRenames, type Rename, readRename } from './match/rename.ts';

/**
 * Lines `rename` of interfaces(5), by ifupdown's rules: on the way up each link that is there by its old name, and has
 * another one to come to, is renamed, in the order of the file; the first that cannot be ends it. On the way down, old
 * names only stand for the new ones.
 */
export function tapRename(netconf: Netconf<unknown>, files: ParsedFiles, usual: string): void {
  // Two that come at once would get into each other's way.
  let turn: Promise<unknown> = Promise.resolve();
  netconf.hooks.renamed.tapPromise('rename', async (names, asked) => {
    const { file = usual } = asked;
    if (asked.file === undefined && !existsSync(usual)) return undefined;
    const { interfaces, complete } = files.get(file);
    if (interfaces.rename.length === 0 || !complete) return undefined;
    const work = () => renamed(netconf, interfaces.rename, names, asked);
    if (asked.act === 'nothing') return work();
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  });
}

async function renamed(
  netconf: Netconf<unknown>,
  lines: readonly string[],
  names: readonly string[],
  { request, act, isKept }: Renaming,
): Promise<string[]> {
  const all = expandPatterns(lines, { names: linkNames, attribute: readAttribute }).flatMap(text => {
    const rename = readRename(text);
    if (rename === undefined && request === 'ifup')
      throw new Error(`missing target name for interface ${text}`);
    return rename ?? [];
  });
  if (request === 'ifdown') return names.map(name => afterRenames(name, all));
  const done: Rename[] = [];
  for (const rename of all) {
    const { from, to } = rename;
    if (from === to || !linkNames().includes(from)) continue;
    if (act === 'these' && !names.includes(from)) continue;
    if (isKept(from)) {
      netconf.log.warning(`${from} is not renamed to ${to}: it is configured; after an ifdown it will be`);
      continue;
    }
    if (act !== 'nothing') await renameLink(netconf, rename);
    done.push(rename);
  }
  return names.map(name => afterRenames(name, done));
}

async function renameLink(netconf: Netconf<unknown>, { from, to }: Rename): Promise<void> {
  const environment = { IF_NEWNAME: to };
  const run = await netconf.runMethod('rename', { mode: 'up', interface: from, environment });
  const failure = failureOf(run);
  if (failure === undefined) return;
  const said = run.output.trimEnd().split('\n').at(-1);
  throw new Error(`unable to rename ${from} to ${to}: ${(run.status !== null && said) || failure}`);
}
