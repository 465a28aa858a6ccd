import { linkIndex } from '../../base/libc/links.ts';
import type { KnownStanza, Operation } from '../hooks.ts';
import { optionsOf, optionsOfStanza } from '../options-of.ts';
import type { MemberKind } from './kind.ts';
import type { Known } from './known.ts';
import { namesIn } from './select.ts';

/**
 * Members that must be up before their master: those that are named, have stanzas of their own, and are there or would be
 * made; of those that are there only what is nothing but set up (`manual`). One whose stanza names its master is brought up
 * after that, not before.
 */
export function neededBy(operation: Operation, kind: MemberKind, known: Known): string[] {
  if (operation.request !== 'ifup') return [];
  const own = known.of(operation.logical).map(({ stanza }) => optionsOfStanza(stanza));
  const names = [optionsOf(operation), ...own].flatMap(options => namesIn(kind.wordsOf(options) ?? []));
  return [...new Set(names)].filter(name => {
    const stanzas = known.of(name);
    if (stanzas.length === 0 || known.masterOf(name) !== undefined) return false;
    const isThere = linkIndex(name) !== undefined;
    return isThere ? stanzas.every(({ stanza }) => stanza.method === 'manual') : known.canBe(name);
  });
}

/**
 * Throws an Error, with the places of both, where somebody else claims a member: its own stanza names another master, or
 * another master that is `auto` names it, too. Of two the first in the files has it.
 */
export function checkClaims(
  member: string,
  { interface: master, logical, stanza }: Operation,
  word: string,
  known: Known,
): void {
  const here = `${member} is to be a ${word} of ${master}${at(stanza.place)}`;
  const own = known.masterOf(member);
  if (own !== undefined && own !== master && own !== logical)
    throw new Error(`${here} and, as its own stanza has it, of ${own}${at(known.placeOf(member))}`);
  const first = firstClaimant(member, logical, known);
  if (first !== undefined && first.logical !== logical)
    throw new Error(`${here} and of ${first.logical}${at(first.stanza.place)}: one can have it`);
}

/** Does somebody else than these name a link, which they only mean by a regular expression? */
export function isOthers(member: string, names: readonly string[], known: Known): boolean {
  const own = known.masterOf(member);
  if (own !== undefined && !names.includes(own)) return true;
  return known.claimants(member).some(({ logical }) => !names.includes(logical) && known.isStarted(logical));
}

function firstClaimant(member: string, logical: string, known: Known): KnownStanza | undefined {
  return known.claimants(member).find(one => one.logical === logical || known.isStarted(one.logical));
}

/** ` (FILE:LINE)` */
export function at(place: string | undefined): string {
  return place === undefined ? '' : ` (${place})`;
}
