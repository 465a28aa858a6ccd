import type { Compiled } from '../compile/compile.ts';
import { documentOf } from '../compile/document.ts';
import type { Chain, NftRule, Statement } from '../compile/nft.ts';
import type { Prefix } from '../rules/prefix.ts';
import type { Outcome } from './method.ts';

/** What the kernel did not take, where it stands, and which part of the kernel may be missing. */
export interface Refusal {
  place: string | null;
  message: string;
  /** It is the helper for FTP, which can be left out. */
  isFtp: boolean;
}

/** By what nft calls it: the module that does it. */
const modules: Readonly<Record<string, string>> = {
  log: 'nft_log and nf_log_syslog',
  'log group': 'nft_log and nfnetlink_log',
  masquerade: 'nft_masq',
  redirect: 'nft_redir',
  dnat: 'nft_nat',
  reject: 'nft_reject_inet',
  fib: 'nft_fib_inet',
  ct: 'nft_ct',
  'ct helper': 'nf_conntrack_ftp',
  exthdr: 'nf_tables',
};

/**
 * Finds the first rule that is not taken: nft says only that one is not. Halves the rules until one is left, which asks
 * the kernel some fifteen times for ten thousand rules, and changes nothing.
 */
export async function findRefusal(
  compiled: Compiled,
  said: string,
  check: (document: string) => Promise<Outcome>,
): Promise<Refusal> {
  const none = (): readonly Prefix[] => [];
  const takes = async (chains: Chain[], ftp: boolean) =>
    (await check(documentOf({ ...compiled, chains, ftp }, none))).failure === undefined;
  const ftpRule = (rule: NftRule) => rule.statements.some(statement => 'ct helper' in statement);
  const all = compiled.chains.flatMap(chain => chain.rules.map(rule => ({ chain, rule })));
  const first = (count: number, ftp: boolean) => {
    const some = new Set(all.slice(0, count).map(({ rule }) => rule));
    return compiled.chains.map(chain => ({
      ...chain,
      rules: chain.rules.filter(rule => some.has(rule) && (ftp || !ftpRule(rule))),
    }));
  };
  const message = (what: string) => `${what}nft: ${said}`;
  if (compiled.ftp && !(await takes(first(0, true), true)) && (await takes(first(0, false), false)))
    return { place: null, message: message(missing('ct helper')), isFtp: true };
  if (!(await takes(first(0, false), false)))
    return {
      place: null,
      message: message(
        'the kernel does not take the table: is nf_tables with nf_tables_inet and nft_chain_nat there? ',
      ),
      isFtp: false,
    };
  let [taken, refused] = [0, all.length];
  while (refused - taken > 1) {
    const middle = (taken + refused) >> 1;
    if (await takes(first(middle, compiled.ftp), compiled.ftp)) taken = middle;
    else refused = middle;
  }
  const culprit = all[refused - 1];
  if (culprit === undefined) return { place: null, message: message(''), isFtp: false };
  const what = await findStatement(culprit, compiled, check);
  return {
    place: culprit.rule.place ?? null,
    message: message(what),
    isFtp: ftpRule(culprit.rule),
  };
}

/** Which of its words the kernel does not know: asked one by one. */
async function findStatement(
  { chain, rule }: { chain: Chain; rule: NftRule },
  compiled: Compiled,
  check: (document: string) => Promise<Outcome>,
): Promise<string> {
  for (const statement of [...rule.matches, ...rule.statements]) {
    const alone = { matches: [], statements: [statement] };
    const chains = compiled.chains.map(each => ({ ...each, rules: each === chain ? [alone] : [] }));
    const { failure } = await check(documentOf({ ...compiled, chains }, () => []));
    if (failure !== undefined && nameOf(statement) in modules) return missing(nameOf(statement));
  }
  return '';
}

function missing(name: string): string {
  return `the kernel does not know '${name}': is the module ${modules[name]} there? `;
}

/** `masquerade`, `log group`; of a match what it looks at: `fib`. */
function nameOf(statement: Statement): string {
  const [kind = ''] = Object.keys(statement);
  const { [kind]: value } = statement;
  if (kind === 'log' && typeof value === 'object' && value !== null && 'group' in value) return 'log group';
  if (kind !== 'match' || typeof value !== 'object' || value === null || !('left' in value)) return kind;
  const { left } = value;
  return typeof left === 'object' && left !== null ? (Object.keys(left)[0] ?? kind) : kind;
}
