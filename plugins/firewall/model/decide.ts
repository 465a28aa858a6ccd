import { type Prefix, parsePrefix } from '../rules/prefix.ts';
import { hasEffects, type Network, type Rule, type RuleSet, refuses } from '../rules/resolved.ts';
import { rulesOf, type Stage } from '../rules/stages.ts';
import { type Addresses, matches } from './matches.ts';
import type { Packet } from './packet.ts';

/** What becomes of a packet in one stage. Without `rule` no rule decided, and the stage did by itself. */
export interface StageDecision {
  stage: Stage;
  verdict: 'pass' | 'deny' | 'reject';
  rule?: Rule;
  /** Rules on the way that only logged, copied or marked it, or returned. */
  noticed: Rule[];
}

export interface Decision {
  verdict: 'pass' | 'deny' | 'reject';
  stages: StageDecision[];
  /** It is dropped before any rule is asked: there is no way back to its source by the link that it came by. */
  spoofed: boolean;
  /** Where it goes instead: another host, or a local port. */
  destination?: { address?: Prefix; port?: number };
  /** It leaves under the address of its link. */
  masquerade: boolean;
  /** As it is in the end. */
  packet: Packet;
}

/** What the model knows of the machine. */
export interface World {
  addresses: Addresses;
  /** The link by which an address is reached; undefined for one of this host's own. */
  route: (destination: Prefix) => string | undefined;
  /** @default nothing is */
  isSpoofed?: (packet: Packet) => boolean;
}

/** The reference: what rules mean for a packet, stage by stage, as the manual says it. */
export function decide({ rules, networks }: RuleSet, packet: Packet, world: World): Decision {
  const { addresses, route, isSpoofed } = world;
  const decision: Decision = { verdict: 'pass', stages: [], spoofed: false, masquerade: false, packet };
  const passes = ({ packet: after, ...made }: Walked): boolean => {
    decision.stages.push(made);
    decision.verdict = made.verdict;
    decision.packet = after;
    return made.verdict === 'pass';
  };
  const enter = (stage: Stage) => passes(walk(rules, decision.packet, stage, addresses));
  if (packet.in === undefined) {
    enter('own');
    return decision;
  }
  if (packet.fragment && !enter('fragments')) return decision;
  // Put together again, it is a fragment no more.
  decision.packet = withRoute({ ...decision.packet, fragment: false }, route);
  if (isSpoofed?.(packet)) return { ...decision, spoofed: true, verdict: 'deny' };
  if (!enter('incoming')) return decision;
  const translated = packet.established ? undefined : translate(rules, decision.packet, addresses);
  if (translated?.rule !== undefined) {
    passes(translated);
    decision.destination = destinationOf(translated.rule);
    const { address, port } = decision.destination;
    decision.packet = withDestination(decision.packet, address, port);
    if (address === undefined) return decision;
    decision.packet = withRoute(decision.packet, route);
  }
  if (decision.packet.out === undefined) return decision;
  const forwarding = walkForwarding(rules, decision.packet, translated?.rule, addresses);
  if (forwarding !== undefined) {
    if (!passes(forwarding)) return decision;
    decision.masquerade =
      forwarding.rule?.action.kind === 'masquerade' || isHairpin(packet, decision, networks);
  }
  enter('outgoing');
  return decision;
}

/** Who is sent on to another host on the link that it came by: the answer must come back this way, too. */
function isHairpin(before: Packet, { destination, packet }: Decision, networks: readonly Network[]): boolean {
  const isChanged =
    before.destination.bits !== packet.destination.bits || before.destinationPort !== packet.destinationPort;
  return (
    destination?.address !== undefined &&
    isChanged &&
    packet.in === packet.out &&
    networks.some(({ links }) => packet.in !== undefined && links.includes(packet.in))
  );
}

/** A decision, and the packet as it is afterwards. */
type Walked = StageDecision & { packet: Packet };

function withRoute({ out: _, ...packet }: Packet, route: World['route']): Packet {
  const out = route(packet.destination);
  return out === undefined ? packet : { ...packet, out };
}

function withDestination(packet: Packet, address: Prefix | undefined, port: number | undefined): Packet {
  return {
    ...packet,
    ...(address !== undefined && { destination: address }),
    ...(port !== undefined && { destinationPort: port }),
  };
}

function translate(rules: readonly Rule[], packet: Packet, addresses: Addresses): Walked {
  const stage = 'translation';
  const rule = rulesOf(rules, stage).find(each => matches(each, packet, stage, addresses));
  return { stage, verdict: 'pass', noticed: [], packet, ...(rule && { rule }) };
}

function destinationOf({ action }: Rule): { address?: Prefix; port?: number } {
  if (action.kind === 'transproxy') return { port: action.port };
  const address = action.kind === 'redirect' ? parsePrefix(action.address) : undefined;
  if (address === undefined || action.kind !== 'redirect') return {};
  return { address, ...(action.port !== undefined && { port: action.port }) };
}

function walk(rules: readonly Rule[], packet: Packet, stage: Stage, addresses: Addresses): Walked {
  const noticed: Rule[] = [];
  let seen = packet;
  let left: number | undefined;
  for (const rule of rulesOf(rules, stage)) {
    const isKnown = packet.established === true && stage !== 'fragments';
    if (rule.part === left || (isKnown && refuses(rule)) || !matches(rule, seen, stage, addresses)) continue;
    seen = marked(seen, rule);
    const { kind } = rule.action;
    if (kind === 'return') left = rule.part;
    else if (kind !== 'none') {
      return {
        stage,
        verdict: kind === 'deny' || kind === 'reject' ? kind : 'pass',
        rule,
        noticed,
        packet: seen,
      };
    }
    if (kind === 'return' || hasEffects(rule)) noticed.push(rule);
  }
  return { stage, verdict: 'pass', noticed, packet: seen };
}

/** Nothing goes on that no rule lets through, where a rule is about forwarding; undefined where none is. */
function walkForwarding(
  rules: readonly Rule[],
  packet: Packet,
  translated: Rule | undefined,
  addresses: Addresses,
): Walked | undefined {
  const stage = 'forwarding';
  const own = rulesOf(rules, stage);
  if (!own.some(({ action }) => action.kind !== 'accept')) return undefined;
  const lets = (rule: Rule) =>
    rule.action.kind === 'redirect' ? rule === translated : matches(rule, packet, stage, addresses);
  const rule = own.find(lets);
  if (rule !== undefined) return { stage, verdict: 'pass', rule, noticed: [], packet: marked(packet, rule) };
  return { stage, verdict: packet.established ? 'pass' : 'deny', noticed: [], packet };
}

function marked(packet: Packet, { said: { setMark, setTos } }: Rule): Packet {
  const tos = setTos === undefined || (setTos & 3) !== 0 ? setTos : setTos | ((packet.tos ?? 0) & 3);
  return { ...packet, ...(setMark !== undefined && { mark: setMark }), ...(tos !== undefined && { tos }) };
}
