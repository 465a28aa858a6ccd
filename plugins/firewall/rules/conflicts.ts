import type { Problem } from './problem.ts';
import { placeOf, type Rule } from './resolved.ts';
import { rulesOf } from './stages.ts';

/**
 * What rules cannot have together. Who masquerades asks the rules of forwarding once more, when all marks are set: what
 * they look at must not have changed by then.
 */
export function conflictsOf(rules: readonly Rule[]): Problem[] {
  const forwarding = rulesOf(rules, 'forwarding');
  const asked = forwarding.slice(
    0,
    forwarding.findLastIndex(({ action }) => action.kind === 'masquerade') + 1,
  );
  const late = [...forwarding, ...rulesOf(rules, 'outgoing')];
  return (['mark', 'tos'] as const).flatMap(what => {
    const setter = late.find(({ said }) => (what === 'mark' ? said.setMark : said.setTos) !== undefined);
    if (setter === undefined) return [];
    return asked
      .filter(({ said }) => said[what] !== undefined)
      .map(rule => ({
        place: placeOf(rule),
        message: `the ${what} is asked for where things are masqueraded, and set on its way there (${placeOf(setter)}): set it on what comes in`,
      }));
  });
}
