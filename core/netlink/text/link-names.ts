import { IFF_UP } from '../wire/constants.ts';

/**
 * Names of links by index, those that are there and the last few that were, so that a route decoded after its link
 * has gone still says which it was.
 */
export class LinkNames {
  readonly #present = new Map<number, { name: string; flags: number }>();
  readonly #gone = new Map<number, string>();

  /** Grows whenever a name has changed, or a link has come or gone. */
  version = 0;
  /** Grows whenever a link has been set up or down. */
  upVersion = 0;

  set(index: number, name: string, flags: number): void {
    const known = this.#present.get(index);
    if (known?.name !== name) this.version++;
    if (((known?.flags ?? 0) ^ flags) & IFF_UP) this.upVersion++;
    this.#present.set(index, { name, flags });
    this.#gone.delete(index);
  }

  remove(index: number): void {
    const link = this.#present.get(index);
    if (link === undefined) return;
    this.version++;
    this.upVersion++;
    this.#present.delete(index);
    this.#gone.set(index, link.name);
    if (this.#gone.size > remembered) this.#gone.delete(this.#gone.keys().next().value!);
  }

  /** `if7` for an index nobody has seen, as iproute2 writes it. */
  of(index: number): string {
    return this.#present.get(index)?.name ?? this.#gone.get(index) ?? `if${index}`;
  }

  /** The name, present or gone, if known. */
  known(index: number): string | undefined {
    return this.#present.get(index)?.name ?? this.#gone.get(index);
  }

  has(index: number): boolean {
    return this.#present.has(index);
  }

  /** The index of a link that is there. */
  indexOf(name: string): number | undefined {
    for (const [index, link] of this.#present) if (link.name === name) return index;
    return undefined;
  }

  isUp(index: number): boolean {
    return ((this.#present.get(index)?.flags ?? 0) & IFF_UP) !== 0;
  }
}

const remembered = 1024;
