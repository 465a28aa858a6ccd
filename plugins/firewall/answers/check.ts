import { documentOf } from '../compile/document.ts';
import type { Problem } from '../rules/problem.ts';
import type { Firewall } from '../run/firewall.ts';
import { findRefusal } from '../run/refusal.ts';

/** What `firewall check` answers. */
export type Checked = {
  problems: Problem[];
  networks: number;
  rules: number;
  /** Rules of nftables that they come to. */
  compiled: number;
};

/** Would the rules be taken, by netconf and by the kernel? Changes nothing. */
export async function check(firewall: Firewall): Promise<Checked> {
  const { set, problems } = firewall.wanted();
  const counts = { networks: set.networks.length, rules: set.rules.length };
  if (problems.length > 0) return { problems: problems.slice(0, 1000), ...counts, compiled: 0 };
  const compiled = firewall.compile(set);
  const count = compiled.chains.reduce((sum, { rules }) => sum + rules.length, 0);
  const { failure } = await firewall.method.check(documentOf(compiled, () => []));
  if (failure === undefined) return { problems: [], ...counts, compiled: count };
  const { place, message } = await findRefusal(compiled, failure, document =>
    firewall.method.check(document),
  );
  return { problems: [{ place: place ?? '', message }], ...counts, compiled: count };
}
