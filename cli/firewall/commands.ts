import type { Choice } from '../../core/base/choice.ts';
import { visible } from '../../core/base/terminal.ts';
import type { Checked } from '../../plugins/firewall/answers/check.ts';
import type { Shown } from '../../plugins/firewall/answers/show.ts';
import type { Traced } from '../../plugins/firewall/answers/trace.ts';
import { columns } from '../columns.ts';
import { count } from '../count.ts';
import { complain, status } from '../failure.ts';
import { paintOutput, writeJson, writeLine } from '../output.ts';
import { ask } from './ask.ts';

/** Networks and rules in words, and where they stand. Status 1 where what is wanted is not in force. */
export async function show(choice: Choice): Promise<number> {
  const all = await showAll(choice);
  if (choice.flag('json')) await writeJson(all);
  else {
    const { networks, rules, state } = all;
    const words = networks.map(({ name, links, prefixes, addresses }) => [
      `network ${visible(JSON.stringify(name))}`,
      visible(links.join(' ')),
      visible([...prefixes, ...addresses.map(address => `(${address})`)].join(' ')),
    ]);
    for (const row of columns(words)) await writeLine(row);
    for (const row of columns(rules.map(({ place, text }) => [visible(place), visible(text)])))
      await writeLine(row);
    await writeProblems(all.problems);
    await writeLine(
      state === 'resting' ? 'nobody wants a firewall' : `${state}: ${count(rules.length, 'rule')}`,
    );
  }
  return all.state === 'in force' || all.state === 'resting' ? status.success : status.failed;
}

/** Puts the rules in force, also where no daemon runs: before the network. */
export async function apply(choice: Choice): Promise<number> {
  const { state, problems } = await ask<Shown>(choice, 'firewall apply', {}, false);
  if (choice.flag('json')) await writeJson({ state, problems });
  else {
    await writeProblems(problems);
    if (state === 'failed' || state === 'not in force') complain('the rules are not in force');
    else await writeLine(state === 'resting' ? 'nobody wants a firewall' : 'in force');
  }
  return state === 'in force' || state === 'resting' ? status.success : status.failed;
}

/** Would netconf and the kernel take the rules? */
export async function check(choice: Choice): Promise<number> {
  const checked = await ask<Checked>(choice, 'firewall check');
  const ok = checked.problems.length === 0;
  if (choice.flag('json')) await writeJson({ ok, ...checked });
  else {
    await writeProblems(checked.problems);
    const { networks, rules, compiled } = checked;
    const came = ok ? `: ${count(compiled, 'rule')} of nftables` : '';
    const looked = `${count(networks, 'network')} and ${count(rules, 'rule')}`;
    await writeLine(`${count(checked.problems.length, 'error')} in ${looked}${came}`);
  }
  return ok ? status.success : status.failed;
}

/** Which rule decides about a connection? Status 1 where it is not let through. */
export async function trace(choice: Choice): Promise<number> {
  const [from = '', to = '', port] = choice.arguments;
  const protocol = choice.value('protocol');
  const traced = await ask<Traced>(choice, 'firewall trace', {
    from,
    to,
    ...(port !== undefined && { port }),
    ...(protocol !== undefined && { protocol }),
  });
  if ('error' in traced) {
    complain(traced.error, traced.hint);
    return status.usage;
  }
  if (choice.flag('json')) await writeJson(traced);
  else for (const line of traced.lines) await writeLine(visible(line));
  return traced.verdict === 'pass' ? status.success : status.failed;
}

/** Asks until all rules are there: an answer has room for so many. */
async function showAll(choice: Choice): Promise<Shown> {
  const all = await ask<Shown>(choice, 'firewall show');
  for (let offset = most(all); offset < all.total; ) {
    const more = await ask<Shown>(choice, 'firewall show', { offset });
    if (most(more) === 0) break;
    all.networks.push(...more.networks);
    all.rules.push(...more.rules);
    offset += most(more);
  }
  return all;
}

function most({ networks, rules }: Shown): number {
  return Math.max(networks.length, rules.length);
}

async function writeProblems(problems: Shown['problems']): Promise<void> {
  const paint = paintOutput();
  for (const { place, message } of problems)
    await writeLine(
      `${place === '' ? '' : `${visible(place)}: `}${paint('red', 'error')}: ${visible(message)}`,
    );
}
