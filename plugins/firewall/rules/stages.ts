import type { Rule } from './resolved.ts';

/**
 * Where a packet meets rules. `fragments`: as it comes in, before the pieces of a datagram are put together; `own`: what
 * this host sends itself, with the rules of `outgoing` in between.
 */
export type Stage = 'fragments' | 'incoming' | 'translation' | 'forwarding' | 'outgoing' | 'own';

/** The stages in which a rule is asked. */
export function stagesOf({ action, said }: Pick<Rule, 'action' | 'said'>): readonly Stage[] {
  if (said.fragment !== undefined && said.fragment.not !== true) return ['fragments'];
  switch (action.kind) {
    case 'forward':
    case 'masquerade':
      return ['forwarding'];
    case 'redirect':
      return ['translation', 'forwarding'];
    case 'transproxy':
      return ['translation'];
    case 'none':
      return ['incoming', 'own'];
    default:
      if (action.direction === 'incoming') return ['incoming'];
      if (action.direction === 'outgoing') return ['outgoing', 'own'];
      return action.kind === 'accept' ? ['incoming', 'forwarding', 'own'] : ['incoming', 'own'];
  }
}

const known = new WeakMap<readonly Rule[], Map<Stage, Rule[]>>();

/** The rules of one stage, in order. A list is looked through once. */
export function rulesOf(rules: readonly Rule[], stage: Stage): readonly Rule[] {
  let byStage = known.get(rules);
  if (byStage === undefined) {
    byStage = new Map();
    for (const rule of rules) {
      for (const each of stagesOf(rule)) {
        const of = byStage.get(each);
        if (of === undefined) byStage.set(each, [rule]);
        else of.push(rule);
      }
    }
    known.set(rules, byStage);
  }
  return byStage.get(stage) ?? [];
}
