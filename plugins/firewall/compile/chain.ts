import { hasEffects, placeOf, type Rule, refuses } from '../rules/resolved.ts';
import { rulesOf, type Stage } from '../rules/stages.ts';
import { conditionOf } from './condition.ts';
import { dispatch, inline } from './dispatch.ts';
import type { Alternative } from './literal.ts';
import { matchesOf } from './match.ts';
import { type Chain, established, type NftRule, plainRule, type Statement, unknown } from './nft.ts';
import type { Sets } from './sets.ts';
import { effectsOf, translationOf } from './statements.ts';

/** Rules, and the chains that they jump to. */
interface Rules {
  rules: NftRule[];
  chains: Chain[];
}

/**
 * The rules of a stage, and the chains that they jump to. Known connections leave it after the last rule that does
 * something to every packet, log or mark; rules that refuse pass them over.
 *
 * @param pass what becomes of what a rule lets through
 */
export function stageRules(rules: readonly Rule[], stage: Stage, sets: Sets, pass: Statement): Rules {
  const own = rulesOf(rules, stage);
  const last = own.findLastIndex(rule => hasEffects(rule) && !refuses(rule));
  // A part that is returned from is not torn apart.
  const torn = own.find(rule => returns(rule) && rule.part === own[last]?.part)?.part;
  const forAll = own.findLastIndex(({ part }, at) => at <= last || part === torn) + 1;
  const compile = (some: readonly Rule[], isEarly: boolean) =>
    some.flatMap(rule =>
      conditionOf(rule, stage, sets).flatMap(alternative =>
        compileRule(rule, alternative, verdictOf(rule, stage, pass)).map(each =>
          isEarly && refuses(rule) ? { ...each, matches: [unknown, ...each.matches] } : each,
        ),
      ),
    );
  const early = arrange(own.slice(0, forAll), some => compile(some, stage !== 'fragments'), `${stage}_known`);
  const late = arrange(own.slice(forAll), some => compile(some, false), stage);
  const known = stage === 'fragments' ? [] : [plainRule([established], pass)];
  return {
    rules: [...early.rules, ...known, ...late.rules],
    chains: [...early.chains, ...late.chains],
  };
}

const returns = ({ action }: Rule): boolean => action.kind === 'return';

/** Rules in their order; those of a part that one of them returns from are jumped to, in a chain of their own. */
function arrange(rules: readonly Rule[], compile: (some: readonly Rule[]) => NftRule[], name: string): Rules {
  const returning = new Set(rules.filter(returns).map(({ part }) => part));
  const sections: { part: number | undefined; of: Rule[] }[] = [];
  for (const rule of rules) {
    const part = returning.has(rule.part) ? rule.part : undefined;
    const section = sections.at(-1);
    if (section !== undefined && section.part === part) section.of.push(rule);
    else sections.push({ part, of: [rule] });
  }
  const arranged = sections.map(({ part, of }, at): Rules => {
    if (part === undefined) return dispatch(compile(of), at === 0 ? name : `${name}_${at}`);
    const chain = `${name}_part${part}`;
    return {
      rules: [plainRule([], { jump: { target: chain } })],
      chains: [{ name: chain, rules: compile(of).map(inline) }],
    };
  });
  return {
    rules: arranged.flatMap(each => each.rules),
    chains: arranged.flatMap(({ chains }) => chains),
  };
}

/** The rules of translation: they see the first packet of a connection, and nobody else's decisions. */
export function translationRules(rules: readonly Rule[], sets: Sets): Rules {
  const compiled = rulesOf(rules, 'translation').flatMap(rule =>
    conditionOf(rule, 'translation', sets)
      .flatMap(byProtocol)
      .flatMap(alternative => compileRule(rule, alternative, translationOf(rule))),
  );
  return dispatch(compiled, 'translation');
}

/** The rules of forwarding once more, for what masquerades: the address changes after the last decision. */
export function masqueradeRules(rules: readonly Rule[], sets: Sets): Rules {
  const own = rulesOf(rules, 'forwarding');
  const relevant = own.slice(0, own.findLastIndex(({ action }) => action.kind === 'masquerade') + 1);
  const compiled = relevant.flatMap(rule => {
    const verdict: Statement = rule.action.kind === 'masquerade' ? { masquerade: null } : { accept: null };
    return conditionOf(rule, 'forwarding', sets).map(alternative => nftRule(rule, alternative, [verdict]));
  });
  return dispatch(compiled, 'source_address');
}

function compileRule(rule: Rule, alternative: Alternative, verdict: Statement | undefined): NftRule[] {
  const isTranslation = verdict !== undefined && ('dnat' in verdict || 'redirect' in verdict);
  // What is translated goes through forwarding, too: it is logged there, or, to a local port, here.
  const effects = isTranslation && rule.action.kind === 'redirect' ? [] : effectsOf(rule, alternative);
  const statements = [...effects, ...(verdict === undefined ? [] : [verdict])];
  return statements.length === 0 ? [] : [nftRule(rule, alternative, statements)];
}

function nftRule(rule: Rule, alternative: Alternative, statements: Statement[]): NftRule {
  return { ...matchesOf(alternative), statements, place: placeOf(rule) };
}

/** A port can be changed where the protocol is a certain one. */
function byProtocol(alternative: Alternative): Alternative[] {
  const protocol = alternative.find(({ kind }) => kind === 'protocol');
  if (protocol?.kind !== 'protocol' || protocol.not) return [alternative];
  return protocol.numbers.map(number =>
    alternative.map(literal => (literal === protocol ? { ...protocol, numbers: [number] } : literal)),
  );
}

function verdictOf({ action }: Rule, stage: Stage, pass: Statement): Statement | undefined {
  switch (action.kind) {
    case 'none':
      return undefined;
    case 'deny':
      return { drop: null };
    case 'return':
      return { return: null };
    case 'reject':
      // Nobody answers a fragment that is not the first (RFC 1122, 3.2.2).
      return stage === 'fragments' ? { drop: null } : { reject: { type: 'icmpx', expr: 'port-unreachable' } };
    default:
      return pass;
  }
}
