import type { FirewallPart, Netconf } from 'netconf/plugin';
import { readPrivate, writePrivate } from '../../../core/base/private-file.ts';

/** Milliseconds: a plugin that is loaded anew says nothing in between. */
const patience = 1000;

/**
 * What plugins said last. A plugin that fails takes nothing of the firewall with it, and one that is loaded anew opens
 * nothing meanwhile: its rules stay until it says something else, or is silent for good because somebody wants it so.
 */
export class Kept {
  readonly #netconf: Pick<Netconf, 'stateOf' | 'log'>;
  readonly #file: string;
  readonly #later: () => void;
  readonly #absent = new Map<string, number>();
  #parts: readonly FirewallPart[] | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param later called when an absence has lasted */
  constructor(netconf: Pick<Netconf, 'stateOf' | 'log'>, file: string, later: () => void) {
    this.#netconf = netconf;
    this.#file = file;
    this.#later = later;
  }

  /** What is said now, and what was said by those who cannot say anything. */
  with(said: readonly FirewallPart[]): FirewallPart[] {
    this.#parts ??= readParts(this.#file);
    const speaking = new Set(said.map(({ plugin }) => plugin));
    for (const plugin of speaking) this.#absent.delete(plugin);
    const kept = this.#parts.filter(({ plugin }) => !speaking.has(plugin) && this.#isMissed(plugin));
    return [...kept, ...said];
  }

  /** These are in force now. */
  remember(parts: readonly FirewallPart[]): void {
    this.#parts = parts.filter(({ networks, rules }) => networks.length + rules.length > 0);
    try {
      writePrivate(this.#file, JSON.stringify(this.#parts));
    } catch (error) {
      this.#netconf.log.warning(`what is in force cannot be written down: ${(error as Error).message}`);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #isMissed(plugin: string): boolean {
    const state = this.#netconf.stateOf(plugin);
    if (state === 'failed' || state === 'disabled') {
      if (!this.#absent.has(plugin))
        this.#netconf.log.warning(`the plugin ${plugin} is ${state}: its rules stay in force`);
      this.#absent.set(plugin, Number.POSITIVE_INFINITY);
      return true;
    }
    const since = this.#absent.get(plugin);
    const now = performance.now();
    if (since === undefined || since === Number.POSITIVE_INFINITY) {
      this.#absent.set(plugin, now);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(this.#later, patience);
      this.#timer.unref();
      return true;
    }
    return now - since < patience - 50;
  }
}

/** Of the last run of netconfd, or of another program; nothing where there is none. */
function readParts(file: string): FirewallPart[] {
  try {
    const parts: unknown = JSON.parse(readPrivate(file));
    return Array.isArray(parts) ? (parts as FirewallPart[]) : [];
  } catch {
    return [];
  }
}
