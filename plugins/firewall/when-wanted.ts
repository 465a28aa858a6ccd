import { existsSync } from 'node:fs';
import type { FirewallPart, Netconf } from 'netconf/plugin';
import { type Options, ownPart } from './options.ts';
import type { Firewall } from './run/firewall.ts';

/** The firewall from the moment on in which somebody wants one: where nobody does, not even its code is run. */
export class WhenWanted {
  readonly #netconf: Netconf<Options>;
  #made: Promise<Firewall> | undefined;
  #firewall: Firewall | undefined;
  #begun = false;
  #stopped = false;

  constructor(netconf: Netconf<Options>) {
    this.#netconf = netconf;
  }

  /** All plugins have been applied: from now on what they say counts. Resolves when it is in force, or refused. */
  async begin(): Promise<void> {
    // Of the taps that came with the plugins we are told in a later turn: no reason to look twice, nor for a start to wait.
    const later = new Promise(setImmediate).then(() => {
      this.#begun = true;
    });
    if (this.#isWanted()) return later.then(() => this.told(true));
    void later.then(() => this.told());
  }

  /** Somebody says something else; with `look` the kernel is asked, too. */
  async told(look = false): Promise<void> {
    if (!this.#begun || this.#stopped) return;
    if (this.#made === undefined && !this.#isWanted()) return;
    const firewall = await this.firewall();
    await firewall.told(look);
  }

  /** Resolves when what has been said by now is in force, or refused. */
  async settled(): Promise<void> {
    // Who watches is told in a later turn.
    await new Promise(setImmediate);
    await (await this.#made)?.settled;
  }

  /** For who asks, too. */
  firewall(): Promise<Firewall> {
    this.#made ??= this.#make();
    return this.#made;
  }

  stop(): void {
    this.#stopped = true;
    this.#firewall?.stop();
  }

  async #make(): Promise<Firewall> {
    const { Firewall } = await import('./run/firewall.ts');
    this.#firewall = new Firewall(this.#netconf);
    if (this.#stopped) this.#firewall.stop();
    return this.#firewall;
  }

  /** Now, or earlier: what an earlier process has put in force is looked after. */
  #isWanted(): boolean {
    const { gather, options, paths } = this.#netconf;
    const parts: readonly FirewallPart[] = gather('firewall', [ownPart(options)]);
    return (
      parts.some(({ networks = [], rules = [] }) => networks.length + rules.length > 0) ||
      existsSync(`${paths.run}/interfaces/all.d/firewall`)
    );
  }
}
