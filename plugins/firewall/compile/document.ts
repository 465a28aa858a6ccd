import type { Prefix } from '../rules/prefix.ts';
import { withoutOverlaps } from '../rules/prefix.ts';
import type { Compiled } from './compile.ts';
import { prefixOf } from './match.ts';
import { printable } from './names.ts';
import { type Chain, type NftRule, table } from './nft.ts';
import type { SetOf } from './sets.ts';

type Command = Record<string, object>;

const theTable = { family: table.family, name: table.table };

/**
 * The table as a document for `nft -j -f`: whatever there was of it goes and the new one comes, in one transaction. Other
 * tables are not named. `elements` says what stands in each set.
 */
export function documentOf(compiled: Compiled, elements: (set: SetOf) => readonly Prefix[]): string {
  const { chains, sets, ftp } = compiled;
  const commands: Command[] = [
    { add: { table: theTable } },
    { delete: { table: theTable } },
    { add: { table: theTable } },
    ...(ftp ? [helper] : []),
    ...sets.map(set => ({ add: { set: declarationOf(set, elements(set)) } })),
    ...chains.map(chain => ({ add: { chain: { ...table, name: chain.name, ...chain.hook } } })),
    ...chains.flatMap(chain => chain.rules.map(rule => ({ add: { rule: ruleOf(chain, rule) } }))),
  ];
  return lines(commands);
}

/** Puts other elements into sets, in one transaction; the table stays as it is. */
export function elementsDocument(changed: readonly (readonly [SetOf, readonly Prefix[]])[]): string {
  return lines(
    changed.flatMap(([set, prefixes]) => {
      const named = { ...table, name: set.name };
      const elem = elementsOf(prefixes);
      return [
        { flush: { set: named } },
        ...(elem.length === 0 ? [] : [{ add: { element: { ...named, elem } } }]),
      ];
    }),
  );
}

const helper: Command = {
  add: { 'ct helper': { ...table, name: 'ftp', type: 'ftp', protocol: 'tcp', l3proto: 'inet' } },
};

function declarationOf(set: SetOf, prefixes: readonly Prefix[]): object {
  const elem = elementsOf(prefixes);
  return {
    ...table,
    name: set.name,
    type: set.family === 4 ? 'ipv4_addr' : 'ipv6_addr',
    flags: ['interval'],
    ...(elem.length > 0 && { elem }),
  };
}

function elementsOf(prefixes: readonly Prefix[]) {
  return withoutOverlaps(prefixes).map(prefixOf);
}

function ruleOf(chain: Chain, { matches, statements, comment, place }: NftRule): object {
  const about = comment ?? (place && printable(place.replace(/^.*\//, '')));
  return {
    ...table,
    chain: chain.name,
    expr: [...matches, ...statements],
    ...(about && { comment: about }),
  };
}

/** A command a line. */
function lines(commands: readonly Command[]): string {
  return `{"nftables": [\n${commands.map(command => JSON.stringify(command)).join(',\n')}\n]}\n`;
}
