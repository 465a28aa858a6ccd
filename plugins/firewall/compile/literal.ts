import type { Family, Prefix } from '../rules/prefix.ts';

/**
 * One thing that is asked of a packet, or its opposite. A condition is a list of alternatives of which at most one
 * holds; an alternative is a list of literals that all hold. So a rule of nftables for each alternative does no work
 * twice.
 */
export type Literal =
  | { kind: 'family'; family: Family }
  | { kind: 'link'; side: LinkSide; links: readonly string[]; not: boolean }
  | { kind: 'address'; side: Side; family: Family; among: Prefixes; not: boolean }
  | { kind: 'protocol'; numbers: readonly number[]; not: boolean }
  | { kind: 'port'; side: Side; ports: readonly (readonly [number, number])[]; not: boolean }
  | { kind: 'syn'; not: boolean }
  | { kind: 'mark'; value: number; not: boolean }
  | { kind: 'dscp' | 'ecn'; family: Family; value: number; not: boolean }
  | { kind: 'fragment'; family: Family };

/** `asked`: the destination before anybody has changed it. */
export type Side = 'source' | 'destination' | 'asked';
/** `in`: it came by; `out`: it leaves by; `route`: it would leave by, before that is decided. */
export type LinkSide = 'in' | 'out' | 'route';

/** Prefixes of one family; those of a network stand in a set of that name where they are several or change. */
export interface Prefixes {
  set?: string;
  prefixes: readonly Prefix[];
}

export type Alternative = readonly Literal[];
export type Condition = readonly Alternative[];

export const always: Condition = [[]];
export const never: Condition = [];

/** All of them hold. */
export function all(...conditions: readonly Condition[]): Condition {
  let product: Condition = always;
  for (const condition of conditions) {
    if (condition === always) continue;
    product = product === always ? condition : joined(product, condition);
  }
  return product.map(simplify).filter(isPossible);
}

function joined(one: Condition, other: Condition): Condition {
  return one.flatMap(before => other.map(after => [...before, ...after]));
}

/** A condition with its opposite. */
export interface Factor {
  holds: Condition;
  fails: Condition;
}

/** Not all of them hold; still at most one alternative does: the first fails, or it holds and the second fails… */
export function notAll(factors: readonly Factor[]): Condition {
  return factors.flatMap((factor, at) =>
    all(...factors.slice(0, at).map(({ holds }) => holds), factor.fails),
  );
}

type Reversible<L> = L extends { not: boolean } ? Omit<L, 'not'> : never;

/** One literal as a factor. */
export function factor(literal: Reversible<Literal>): Factor {
  return {
    holds: [[{ ...literal, not: false } as Literal]],
    fails: [[{ ...literal, not: true } as Literal]],
  };
}

/** Families and protocols are sets: what is said of them several times is said once. Undefined where nothing is left. */
function simplify(literals: Alternative): Alternative | undefined {
  let family: Family | undefined;
  let numbers: readonly number[] | undefined;
  let excluded: readonly number[] = [];
  const rest: Literal[] = [];
  for (const literal of literals) {
    if ('family' in literal) {
      if (family !== undefined && family !== literal.family) return undefined;
      family = literal.family;
    }
    if (literal.kind === 'protocol') {
      if (literal.not) excluded = [...new Set([...excluded, ...literal.numbers])];
      else numbers = numbers?.filter(number => literal.numbers.includes(number)) ?? literal.numbers;
    } else if (literal.kind !== 'family') rest.push(literal);
  }
  const allowed = excluded.length === 0 ? numbers : numbers?.filter(number => !excluded.includes(number));
  if (allowed?.length === 0) return undefined;
  const result: Literal[] = [];
  if (family !== undefined) result.push({ kind: 'family', family });
  if (allowed !== undefined) result.push({ kind: 'protocol', numbers: allowed, not: false });
  else if (excluded.length > 0) result.push({ kind: 'protocol', numbers: excluded, not: true });
  result.push(...rest);
  return result;
}

function isPossible(alternative: Alternative | undefined): alternative is Alternative {
  return alternative !== undefined;
}

/** The family that an alternative is about; undefined for both. */
export function familyOf(alternative: Alternative): Family | undefined {
  const literal = alternative.find(each => 'family' in each);
  return literal !== undefined && 'family' in literal ? literal.family : undefined;
}
