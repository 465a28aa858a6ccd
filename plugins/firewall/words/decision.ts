import type { Decision, StageDecision } from '../model/decide.ts';
import type { Packet } from '../model/packet.ts';
import { covers, type Prefix, prefixText } from '../rules/prefix.ts';
import { protocolName } from '../rules/protocol.ts';
import { placeOf, type RuleSet } from '../rules/resolved.ts';
import type { Stage } from '../rules/stages.ts';
import { ruleText } from './rule.ts';

/** A way of the kernel's: the link, and the address that own packets have there. */
export interface Way {
  link: string;
  source?: Prefix;
}

/** `10.0.0.7 ("internal", by eth0) to 198.51.100.1 ("internet", by isdn0), tcp port 80, the first packet`. */
export function wayText(packet: Packet, set: RuleSet): string {
  const { source, destination, protocol, destinationPort, in: came, out } = packet;
  const from = `${prefixText(source)} (${whose(source, set, came === undefined ? 'this host' : linkText(came))})`;
  const to = `${prefixText(destination)} (${whose(destination, set, out === undefined ? 'this host' : linkText(out))})`;
  const port = destinationPort === undefined ? '' : ` port ${destinationPort}`;
  return `from ${from} to ${to}, ${protocolName(protocol)}${port}, the first packet`;
}

/** `?` is a link that nobody knows. */
function linkText(link: string): string {
  return link === '?' ? 'nobody knows by which link' : `by ${link}`;
}

function whose(address: Prefix, { networks }: RuleSet, how: string): string {
  const names = networks.filter(({ prefixes }) => prefixes.some(each => covers(each, address)));
  return [...names.map(({ name }) => JSON.stringify(name)), how].join(', ');
}

/** What each stage did, and what it came to: a line each. */
export function decisionText({ stages, verdict, masquerade, destination, packet }: Decision): string[] {
  const lines = stages.flatMap(stageLines);
  if (destination?.address !== undefined) lines.push(`it goes to ${prefixText(packet.destination)} instead`);
  else if (destination?.port !== undefined)
    lines.push(`it goes to port ${destination.port} of this host instead`);
  if (verdict === 'pass' && masquerade)
    lines.push(`it leaves under the address of ${packet.out === '?' ? 'its link' : packet.out}`);
  const outcomes = {
    pass: 'it is let through',
    deny: 'it is dropped',
    reject: 'it is dropped, and its sender told',
  };
  return [...lines, outcomes[verdict]];
}

const names: Record<Stage, string> = {
  fragments: 'as a fragment',
  incoming: 'coming in',
  translation: 'translation',
  forwarding: 'forwarding',
  outgoing: 'going out',
  own: 'going out',
};

function stageLines({ stage, verdict, rule, noticed }: StageDecision): string[] {
  const told = noticed.map(each => `${names[stage]}: noticed by ${placeOf(each)}: ${ruleText(each)}`);
  if (rule !== undefined) return [...told, `${names[stage]}: ${placeOf(rule)}: ${ruleText(rule)}`];
  return [
    ...told,
    `${names[stage]}: no rule decides: ${verdict === 'pass' ? 'it goes on' : 'what no rule forwards is dropped'}`,
  ];
}
