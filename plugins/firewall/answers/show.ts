import * as v from 'valibot';
import { prefixText } from '../rules/prefix.ts';
import type { Problem } from '../rules/problem.ts';
import { placeOf } from '../rules/resolved.ts';
import { stagesOf } from '../rules/stages.ts';
import type { Firewall } from '../run/firewall.ts';
import { ruleText } from '../words/rule.ts';

/** An answer has room for so many: a client asks for the rest again. */
const most = 1000;

const asked = v.strictObject({
  /** The first rule, or network, that is wanted. @default 0 */
  offset: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
});

/** What `firewall show` answers; the client's side reads the same. */
export type Shown = {
  /** `resting`: nobody wants a firewall; `failed`: what is wanted is not in force, the older rules are, if there were any. */
  state: 'in force' | 'failed' | 'resting' | 'not in force';
  problems: Problem[];
  networks: { name: string; links: string[]; prefixes: string[]; addresses: string[] }[];
  rules: { place: string; text: string; stages: string[] }[];
  /** How many there are of the longer of the two lists. */
  total: number;
};

/** Networks and rules in words, with their places. */
export async function show(firewall: Firewall, parameters: unknown): Promise<Shown> {
  const { offset } = v.parse(asked, parameters);
  const { set, problems } = firewall.wanted();
  const addresses = await firewall.addressesOf(set);
  const wrong = firewall.failure.length > 0 ? firewall.failure : problems;
  const part = <T>(list: readonly T[]) => list.slice(offset, offset + most);
  return {
    state: stateOf(firewall, set.networks.length + set.rules.length, wrong.length > 0),
    problems: wrong.slice(0, 100),
    networks: part(set.networks).map(({ name, links, prefixes, dynamic }) => ({
      name,
      links,
      prefixes: prefixes.map(prefixText),
      addresses: dynamic ? links.flatMap(link => addresses(link).map(prefixText)) : [],
    })),
    rules: part(set.rules).map(rule => ({
      place: placeOf(rule),
      text: ruleText(rule),
      stages: [...stagesOf(rule)],
    })),
    total: Math.max(set.networks.length, set.rules.length),
  };
}

function stateOf(firewall: Firewall, wanted: number, failed: boolean): Shown['state'] {
  if (failed) return 'failed';
  if (wanted === 0) return 'resting';
  return firewall.method.isInForce ? 'in force' : 'not in force';
}
