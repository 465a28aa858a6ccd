/**
 * The network file: 1,000 networks and 10,000 rules read, checked, and turned into what operations and the firewall are
 * told, the first time (nothing of the program is compiled yet) and then again; and written in its usual form.
 */
import { configurationOf } from '../../plugins/network-file/configuration.ts';
import { firewallPart } from '../../plugins/network-file/firewall.ts';
import { format } from '../../plugins/network-file/language/format.ts';
import { readText } from '../../plugins/network-file/language/read.ts';
import { median } from '../compile.ts';
import type { Row } from '../row.ts';
import { networkText } from './text.ts';

const networks = 1000;
const rules = 10_000;
const rounds = 15;
const file = '/network.conf';

export async function run(): Promise<Row[]> {
  const text = networkText(networks, rules);
  const what = `${networks} networks and ${rules} rules (${Math.round(text.length / 1024)} KiB)`;
  const [first, ...again] = Array.from({ length: rounds }, () => time(() => read(text)));
  const parse = Array.from({ length: rounds }, () => time(() => readText(file, text)));
  const { sources, syntax } = readText(file, text);
  const parsed = syntax.get(sources[0]!)!;
  const formatting = Array.from({ length: rounds }, () => time(() => format(parsed)));
  return [
    { case: what, who: 'read and checked, the first time', value: first!, unit: 'ms' },
    { case: what, who: 'read and checked', value: median(again), unit: 'ms', reach: 'at most 100' },
    { case: what, who: 'parsed alone', value: median(parse.slice(1)), unit: 'ms' },
    { case: what, who: 'in its usual form', value: median(formatting.slice(1)), unit: 'ms' },
  ];
}

function read(text: string): void {
  const { model, hasErrors } = configurationOf(file, new Map([[file, text]]));
  const part = firewallPart('bench', model);
  if (hasErrors || part.rules.length !== rules || part.networks.length !== networks)
    throw new Error('not what was written');
}

function time(work: () => unknown): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}
