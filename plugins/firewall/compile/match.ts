import { addressText, type Family, type Prefix, widthOf } from '../rules/prefix.ts';
import { type Alternative, familyOf, type Literal, type Side } from './literal.ts';
import { type Expression, match, meta, oneOf, payload, type Statement } from './nft.ts';

/** An alternative in the words of nft; links that it must have come in by stand apart. */
export function matchesOf(alternative: Alternative): { matches: Statement[]; links?: readonly string[] } {
  const links: (readonly string[])[] = [];
  const matches: Statement[] = [];
  const family = familyOf(alternative);
  // What asks for a field of a family says the family by that: nft adds it.
  const says = alternative.some(literal => 'family' in literal && literal.kind !== 'family');
  if (family !== undefined && !says) matches.push(match(meta('nfproto'), family === 4 ? 'ipv4' : 'ipv6'));
  for (const literal of alternative) {
    if (literal.kind === 'link' && literal.side === 'in' && !literal.not && links.length === 0)
      links.push(literal.links);
    else if (literal.kind !== 'family') matches.push(statementOf(literal));
  }
  const [first] = links;
  return { matches, ...(first !== undefined && { links: first }) };
}

/** It came in by one of these links. */
export function cameBy(links: readonly string[]): Statement {
  return match(meta('iifname'), oneOf([...links]));
}

function statementOf(literal: Exclude<Literal, { kind: 'family' }>): Statement {
  const op = 'not' in literal && literal.not ? '!=' : '==';
  switch (literal.kind) {
    case 'link':
      return match(linkKey(literal.side), oneOf([...literal.links]), op);
    case 'address': {
      const { set, prefixes } = literal.among;
      const right = set === undefined ? oneOf(prefixes.map(prefixOf)) : `@${set}`;
      return match(addressKey(literal.side, ip(literal.family)), right, op);
    }
    case 'protocol':
      return match(meta('l4proto'), oneOf([...literal.numbers]), op);
    case 'port': {
      const ports = literal.ports.map(([first, last]) => (first === last ? first : { range: [first, last] }));
      return match(portKey(literal.side), oneOf(ports), op);
    }
    case 'syn':
      return match({ '&': [payload('tcp', 'flags'), ['fin', 'syn', 'rst', 'ack']] }, 'syn', op);
    case 'mark':
      return match(meta('mark'), literal.value, op);
    case 'dscp':
    case 'ecn':
      return match(payload(ip(literal.family), literal.kind), literal.value, op);
    case 'fragment':
      return literal.family === 4
        ? match({ '&': [payload('ip', 'frag-off'), 0x1fff] }, 0, '!=')
        : match({ exthdr: { name: 'frag', field: 'frag-off' } }, 0, '!=');
  }
}

function addressKey(side: Side, family: string): Expression {
  if (side === 'asked') return { ct: { key: `${family} daddr`, dir: 'original' } };
  return payload(family, side === 'source' ? 'saddr' : 'daddr');
}

function portKey(side: Side): Expression {
  if (side === 'asked') return { ct: { key: 'proto-dst', dir: 'original' } };
  return payload('th', side === 'source' ? 'sport' : 'dport');
}

const ip = (family: Family): string => (family === 4 ? 'ip' : 'ip6');

function linkKey(side: 'in' | 'out' | 'route'): Expression {
  if (side === 'route') return { fib: { result: 'oifname', flags: ['daddr'] } };
  return meta(side === 'in' ? 'iifname' : 'oifname');
}

/** `10.0.0.0/24` as nft has it. */
export function prefixOf(prefix: Prefix): Expression {
  const addr = addressText(prefix);
  return prefix.length === widthOf(prefix.family) ? addr : { prefix: { addr, len: prefix.length } };
}
