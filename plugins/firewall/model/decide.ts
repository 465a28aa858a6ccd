import { type Prefix, parsePrefix } from '../rules/prefix.ts';
import { hasEffects, type Rule, refuses } from '../rules/resolved.ts';
import { rulesOf, type Stage } from '../rules/stages.ts';
import { type Addresses, matches } from './matches.ts';
import type { Packet } from './packet.ts';

/** What becomes of a packet in one stage. Without `rule` no rule decided, and the stage did by itself. */
export interface StageDecision {
  stage: Stage;
  verdict: 'pass' | 'deny' | 'reject';
  rule?: Rule;
  /** Rules on the way that only logged, copied or marked it. */
  noticed: Rule[];
}

export interface Decision {
  verdict: 'pass' | 'deny' | 'reject';
  stages: StageDecision[];
  /** Where it goes instead: another host, or a local port. */
  destination?: { address?: Prefix; port?: number };
  /** It leaves under the address of its link. */
  masquerade: boolean;
}

/** What the model knows of the machine. */
export interface World {
  addresses: Addresses;
  /** The link by which an address is reached; undefined for one of this host's own. */
  route: (destination: Prefix) => string | undefined;
}

/** The reference: what rules mean for a packet, stage by stage, as the manual says it. */
export function decide(rules: readonly Rule[], packet: Packet, { addresses, route }: World): Decision {
  const decision: Decision = { verdict: 'pass', stages: [], masquerade: false };
  const passes = (made: StageDecision): boolean => {
    decision.stages.push(made);
    decision.verdict = made.verdict;
    return made.verdict === 'pass';
  };
  const enter = (stage: Stage, seen: Packet) => passes(decideStage(rules, seen, stage, addresses));
  if (packet.in === undefined) {
    enter('own', packet);
    return decision;
  }
  if (packet.fragment && !enter('fragments', packet)) return decision;
  // Put together again, it is a fragment no more.
  let seen = withRoute({ ...packet, fragment: false }, route);
  if (!enter('incoming', seen)) return decision;
  const translated = seen.established ? undefined : translate(rules, seen, addresses);
  if (translated?.rule !== undefined) {
    decision.stages.push(translated);
    decision.destination = destinationOf(translated.rule);
    const { address, port } = decision.destination;
    if (address === undefined) return decision;
    const ported = port === undefined ? {} : { destinationPort: port };
    seen = withRoute({ ...seen, destination: address, ...ported }, route);
  }
  if (seen.out === undefined) return decision;
  const forwarding = decideForwarding(rules, seen, translated?.rule, addresses);
  if (forwarding !== undefined) {
    if (!passes(forwarding)) return decision;
    decision.masquerade = forwarding.rule?.action.kind === 'masquerade';
  }
  enter('outgoing', seen);
  return decision;
}

function withRoute({ out: _, ...packet }: Packet, route: World['route']): Packet {
  const out = route(packet.destination);
  return out === undefined ? packet : { ...packet, out };
}

function translate(rules: readonly Rule[], packet: Packet, addresses: Addresses): StageDecision {
  const stage = 'translation';
  const rule = rulesOf(rules, stage).find(each => matches(each, packet, stage, addresses));
  return { stage, verdict: 'pass', noticed: [], ...(rule && { rule }) };
}

function destinationOf({ action }: Rule): { address?: Prefix; port?: number } {
  if (action.kind === 'transproxy') return { port: action.port };
  const address = action.kind === 'redirect' ? parsePrefix(action.address) : undefined;
  if (address === undefined || action.kind !== 'redirect') return {};
  return { address, ...(action.port !== undefined && { port: action.port }) };
}

function decideStage(
  rules: readonly Rule[],
  packet: Packet,
  stage: Stage,
  addresses: Addresses,
): StageDecision {
  const noticed: Rule[] = [];
  for (const rule of rulesOf(rules, stage)) {
    const isKnown = packet.established === true && stage !== 'fragments';
    if ((isKnown && refuses(rule)) || !matches(rule, packet, stage, addresses)) continue;
    const { kind } = rule.action;
    if (kind === 'none') {
      if (hasEffects(rule)) noticed.push(rule);
      continue;
    }
    return { stage, verdict: kind === 'deny' || kind === 'reject' ? kind : 'pass', rule, noticed };
  }
  return { stage, verdict: 'pass', noticed };
}

/** Nothing goes on that no rule lets through, where a rule is about forwarding; undefined where none is. */
function decideForwarding(
  rules: readonly Rule[],
  packet: Packet,
  translated: Rule | undefined,
  addresses: Addresses,
): StageDecision | undefined {
  const stage = 'forwarding';
  const own = rulesOf(rules, stage);
  if (!own.some(({ action }) => action.kind !== 'accept')) return undefined;
  const lets = (rule: Rule) =>
    rule.action.kind === 'redirect' ? rule === translated : matches(rule, packet, stage, addresses);
  const rule = own.find(lets);
  if (rule !== undefined) return { stage, verdict: 'pass', rule, noticed: [] };
  return { stage, verdict: packet.established ? 'pass' : 'deny', noticed: [] };
}
