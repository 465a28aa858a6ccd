import { type Family, type Prefix, parsePrefix } from '../rules/prefix.ts';
import { tcp, usualWithPorts, withPorts } from '../rules/protocol.ts';
import {
  type End,
  hasPrefixes,
  isAlsoLinkLocal,
  linkLocal as linkLocalPrefix,
  type Network,
  type Rule,
} from '../rules/resolved.ts';
import type { Stage } from '../rules/stages.ts';
import {
  all,
  always,
  type Condition,
  type Factor,
  factor,
  type LinkSide,
  never,
  notAll,
  type Prefixes,
  type Side,
} from './literal.ts';
import type { Sets } from './sets.ts';

const families: readonly Family[] = [4, 6];

/** What a rule asks of packets in a stage, as alternatives of which at most one holds. */
export function conditionOf(rule: Rule, stage: Stage, sets: Sets): Condition {
  return sets.remember(rule, stage, () => makeCondition(rule, stage, sets));
}

function makeCondition(rule: Rule, stage: Stage, sets: Sets): Condition {
  const { said, protocol, action } = rule;
  const place = { stage, sets, ports: portProtocols(rule) };
  const forwarded = action.kind === 'redirect' && stage === 'forwarding';
  return all(
    protocol === undefined
      ? always
      : choose(factor({ kind: 'protocol', numbers: protocol.numbers }), protocol.not),
    said.firstPacket === undefined ? always : choose(firstPacket, said.firstPacket.not),
    said.mark === undefined
      ? always
      : choose(factor({ kind: 'mark', value: said.mark.value }), said.mark.not),
    said.tos === undefined ? always : tosOf(said.tos.value, said.tos.not === true),
    // It is another field in either family.
    said.setTos === undefined ? always : families.map(family => [{ kind: 'family', family }]),
    stage === 'fragments' ? families.map(family => [{ kind: 'fragment', family }]) : always,
    end(rule.from, 'source', place),
    forwarded ? redirected(rule, place) : end(rule.to, 'destination', place),
    action.kind === 'redirect' ? familyOfAddress(action.address) : always,
    action.kind === 'redirect' && action.port !== undefined
      ? [[{ kind: 'protocol', numbers: place.ports, not: false }]]
      : always,
    action.kind === 'transproxy' ? [[{ kind: 'protocol', numbers: usualWithPorts, not: false }]] : always,
  );
}

interface Place {
  stage: Stage;
  sets: Sets;
  /** Protocols that ports are looked for in. */
  ports: readonly number[];
}

function portProtocols({ protocol }: Rule): readonly number[] {
  if (protocol === undefined || protocol.not) return usualWithPorts;
  return protocol.numbers.filter(number => withPorts.includes(number));
}

function choose({ holds, fails }: Factor, not: boolean | undefined): Condition {
  return not === true ? fails : holds;
}

const isTcp = factor({ kind: 'protocol', numbers: [tcp] });
const syn = factor({ kind: 'syn' });
const firstPacket: Factor = { holds: all(isTcp.holds, syn.holds), fails: notAll([isTcp, syn]) };

/** The two bits of ECN count only where they are asked for. */
function tosOf(tos: number, not: boolean): Condition {
  return families.flatMap(family => {
    const dscp = factor({ kind: 'dscp', family, value: tos >> 2 });
    const ecn = factor({ kind: 'ecn', family, value: tos & 3 });
    const factors = (tos & 3) === 0 ? [dscp] : [dscp, ecn];
    return not ? notAll(factors) : all(...factors.map(({ holds }) => holds));
  });
}

function end(what: End | undefined, side: Side, place: Place): Condition {
  if (what === undefined) return always;
  const { network, addresses, ports, not } = what;
  const factors: Factor[] = [];
  if (network !== undefined) factors.push(...networkFactors(network, side, place));
  if (addresses !== undefined)
    factors.push(among(side, family => ({ prefixes: ofFamily(addresses, family) })));
  if (ports !== undefined) {
    factors.push(factor({ kind: 'protocol', numbers: place.ports }), factor({ kind: 'port', side, ports }));
  }
  return not ? notAll(factors) : all(...factors.map(({ holds }) => holds));
}

function networkFactors(network: Network, side: Side, { stage, sets }: Place): Factor[] {
  const addresses = (linkLocal = false) =>
    sets.remember(network, `${side}${linkLocal}`, () =>
      among(side, family => sets.of(network, family), linkLocal),
    );
  if (side !== 'source') {
    if (hasPrefixes(network)) return [addresses()];
    const linkSide: LinkSide = ['forwarding', 'outgoing', 'own'].includes(stage) ? 'out' : 'route';
    return [factor({ kind: 'link', side: linkSide, links: network.links })];
  }
  // Own packets come in by no link.
  const links: Factor =
    stage === 'own'
      ? { holds: never, fails: always }
      : factor({ kind: 'link', side: 'in', links: network.links });
  if (!hasPrefixes(network)) return [links];
  if (network.links.length === 0 || stage === 'own') return [addresses()];
  return [links, addresses(isAlsoLinkLocal(network))];
}

const linkLocal: Prefixes = { prefixes: [linkLocalPrefix] };

/** An address is among prefixes, of which each family has its own. */
function among(side: Side, prefixesOf: (family: Family) => Prefixes, withLinkLocal = false): Factor {
  const holds: Condition[] = [];
  const fails: Condition[] = [];
  for (const family of families) {
    const of = prefixesOf(family);
    const isAny = of.prefixes.some(({ length }) => length === 0);
    const isNone = of.set === undefined && of.prefixes.length === 0;
    if (isAny || isNone) {
      (isAny ? holds : fails).push([[{ kind: 'family', family }]]);
      continue;
    }
    const lists = family === 6 && withLinkLocal ? [of, linkLocal] : [of];
    const literals = lists.map(list => ({ kind: 'address', side, family, among: list, not: false }) as const);
    holds.push(literals.map(literal => [literal]));
    fails.push([literals.map(literal => ({ ...literal, not: true }))]);
  }
  return { holds: holds.flat(), fails: fails.flat() };
}

function ofFamily(prefixes: readonly Prefix[], family: Family): Prefix[] {
  return prefixes.filter(prefix => prefix.family === family);
}

/** On its way to the host that it was redirected to: that is its destination by now, whatever was asked for. */
function redirected({ action, to }: Rule, place: Place): Condition {
  const target = action.kind === 'redirect' ? parsePrefix(action.address) : undefined;
  if (action.kind !== 'redirect' || target === undefined) return never;
  const { family } = target;
  const among = { prefixes: [target] };
  const host = factor({ kind: 'address', side: 'destination', family, among });
  const { port } = action;
  const ports =
    port === undefined ? undefined : factor({ kind: 'port', side: 'destination', ports: [[port, port]] });
  return all(host.holds, ports?.holds ?? always, end(to, 'asked', place));
}

function familyOfAddress(address: string): Condition {
  const prefix = parsePrefix(address);
  return prefix === undefined ? never : [[{ kind: 'family', family: prefix.family }]];
}
