import { linkIndex } from '../../base/libc/links.ts';
import type { KnownStanza } from '../hooks.ts';
import { type OptionValues, optionsOfStanza } from '../options-of.ts';
import type { MemberKind } from './kind.ts';
import { selectionOf } from './select.ts';

/** What sources know, looked up by name, and which links of it claim which members. */
export class Known {
  readonly #byName = new Map<string, KnownStanza[]>();
  readonly #claims = new WeakMap<MemberKind, Map<string, KnownStanza[]>>();
  readonly #all: readonly KnownStanza[];

  private constructor(all: readonly KnownStanza[]) {
    this.#all = all;
    for (const one of all) push(this.#byName, one.logical, one);
  }

  /** Sources give the same list for as long as nothing has changed. */
  static of(all: readonly KnownStanza[]): Known {
    let known = knownLists.get(all);
    if (known === undefined) {
      known = new Known(all);
      knownLists.set(all, known);
    }
    return known;
  }

  of(name: string): readonly KnownStanza[] {
    return this.#byName.get(name) ?? [];
  }

  /** FILE:LINE of the first stanza about it. */
  placeOf(name: string): string | undefined {
    return this.of(name)[0]?.stanza.place;
  }

  /** The master that a member's own stanza names. */
  ownMasterOf(member: string, { masterOption }: MemberKind): string | undefined {
    if (masterOption === undefined) return undefined;
    for (const { stanza } of this.of(member)) {
      const master = optionsOfStanza(stanza).get(masterOption)?.value.trim();
      if (master) return master;
    }
    return undefined;
  }

  /** Is there a link of this name, or would an `ifup` of it make one? */
  canBe(name: string, depth = 0): boolean {
    if (linkIndex(name) !== undefined) return true;
    if (depth > deepest) return false;
    return this.of(name).some(
      ({ makes }) => makes !== undefined && (makes.on === undefined || this.canBe(makes.on, depth + 1)),
    );
  }

  /** The stanzas that name a link as a member of theirs, in the order of the files. */
  claimants(member: string, kind: MemberKind): readonly KnownStanza[] {
    let claims = this.#claims.get(kind);
    if (claims === undefined) {
      claims = new Map();
      for (const one of this.#all)
        for (const name of namesIn(optionsOfStanza(one.stanza), kind)) push(claims, name, one);
      this.#claims.set(kind, claims);
    }
    return claims.get(member) ?? [];
  }
}

const knownLists = new WeakMap<readonly KnownStanza[], Known>();
/** Links on links. */
const deepest = 8;

/** The members that options name. What is wrong with them is told to whoever brings their link up. */
export function namesIn(options: OptionValues, kind: MemberKind): readonly string[] {
  try {
    return selectionOf(kind.wordsOf(options) ?? []).names;
  } catch {
    return [];
  }
}

function push(lists: Map<string, KnownStanza[]>, name: string, one: KnownStanza): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [one]);
  else list.push(one);
}
