import { linkIndex } from '../../base/libc/links.ts';
import type { KnownStanza } from '../hooks.ts';

/** What sources know, looked up by name, and which links of it claim which members. */
export class Known {
  readonly #byName = new Map<string, KnownStanza[]>();
  readonly #claims = new Map<string, KnownStanza[]>();

  private constructor(all: readonly KnownStanza[]) {
    for (const one of all) {
      push(this.#byName, one.logical, one);
      for (const member of one.makes?.members ?? []) push(this.#claims, member, one);
    }
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

  /** The master that a link's own stanza names. */
  masterOf(name: string): string | undefined {
    return this.of(name).find(({ memberOf }) => memberOf !== undefined)?.memberOf;
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
  claimants(member: string): readonly KnownStanza[] {
    return this.#claims.get(member) ?? [];
  }

  /** Declared to be brought up when the machine starts, or when its link comes. */
  isStarted(name: string): boolean {
    return this.of(name).some(({ classes }) => classes.some(each => each === 'auto' || each === 'hotplug'));
  }
}

const knownLists = new WeakMap<readonly KnownStanza[], Known>();
/** Links on links. */
const deepest = 8;

function push(lists: Map<string, KnownStanza[]>, name: string, one: KnownStanza): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [one]);
  else list.push(one);
}
