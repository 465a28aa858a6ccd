import type { Netconf } from 'netconf/plugin';
import type { Up } from './words.ts';

/** Which stanzas an operation has configured, or taken down: the events of interfaces do not say. */
export class Stanzas {
  readonly #of = new Map<string, Up[]>();

  constructor({ hooks, on }: Pick<Netconf, 'hooks' | 'on'>) {
    const remember = { name: 'stanzas', stage: 1000 };
    for (const phase of ['postUp', 'preDown'] as const) {
      hooks[phase].tap(remember, ({ interface: name, stanza }) => {
        if (stanza.family !== 'meta') this.#of.set(name, [...(this.#of.get(name) ?? []), stanza]);
      });
    }
    for (const name of ['interface.configuring', 'interface.failed', 'request.ifdown'] as const)
      on(name, event => void this.#of.delete(event.interface ?? ''));
  }

  /** Those of the operation that has just ended; they are forgotten. */
  take(name: string): readonly Up[] {
    const found = this.#of.get(name) ?? [];
    this.#of.delete(name);
    return found;
  }
}
