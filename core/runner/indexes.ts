import type { Event } from '../bus/event.ts';

const mostNames = 10_000;

/**
 * Interface indexes by name, as the events of links tell them, so that an event that has only a name gets into the
 * queue of that interface.
 */
export class InterfaceIndexes {
  readonly #byName = new Map<string, number>();

  get(name: string): number | undefined {
    return this.#byName.get(name);
  }

  learn({ name, family, interface: link, ifindex }: Event): void {
    if (family !== 'link' || link === undefined || ifindex === undefined) return;
    const known = this.#byName.get(link) === ifindex;
    if (name === 'link.removed') {
      if (known) this.#byName.delete(link);
      return;
    }
    if (known) return;
    if (name === 'link.renamed') {
      for (const [old, index] of this.#byName) if (index === ifindex) this.#byName.delete(old);
    }
    if (this.#byName.size < mostNames) this.#byName.set(link, ifindex);
  }
}
