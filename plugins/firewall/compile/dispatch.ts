import { cameBy } from './match.ts';
import { type Chain, meta, type NftRule } from './nft.ts';

/** So many rules in a row are walked faster than looked up. */
const few = 8;

/**
 * Makes of each long row of rules that want certain links one look-up by the link, and a chain for each, where its rules
 * stand in their order. Rules for any link stay between the rows, so that the order is that of the whole.
 */
export function dispatch(rules: readonly NftRule[], name: string): { rules: NftRule[]; chains: Chain[] } {
  const result: NftRule[] = [];
  const chains: Chain[] = [];
  for (const row of rows(rules)) {
    const byLink = new Map<string, NftRule[]>();
    let copies = 0;
    for (const rule of row) {
      for (const link of rule.links ?? []) {
        const of = byLink.get(link) ?? [];
        byLink.set(link, of);
        of.push(rule);
        copies++;
      }
    }
    // A rule of many links would stand in many chains.
    if (row.length < few || byLink.size < 2 || copies > 4 * row.length) {
      result.push(...row.map(inline));
      continue;
    }
    const targets = [...byLink].map(([link, of], at) => {
      const chain = `${name}_${result.length}_${at}`;
      chains.push({ name: chain, rules: of.map(({ links, ...rule }) => rule) });
      return [link, { jump: { target: chain } }] as const;
    });
    result.push({ matches: [], statements: [{ vmap: { key: meta('iifname'), data: { set: targets } } }] });
  }
  return { rules: result, chains };
}

/** Rules that want links, as long as one follows the other; each other rule alone. */
function rows(rules: readonly NftRule[]): NftRule[][] {
  const found: NftRule[][] = [];
  for (const rule of rules) {
    const row = found.at(-1);
    if (row !== undefined && rule.links !== undefined && row[0]?.links !== undefined) row.push(rule);
    else found.push([rule]);
  }
  return found;
}

/** With the links that it wants among its matches. */
export function inline({ links, ...rule }: NftRule): NftRule {
  return links === undefined ? rule : { ...rule, matches: [cameBy(links), ...rule.matches] };
}
