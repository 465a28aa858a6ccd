import type { FirewallPart, Netconf } from 'netconf/plugin';
import type { Problem } from '../rules/problem.ts';
import type { RuleSet } from '../rules/resolved.ts';

/** Problems that the log is told of. */
const mostLogged = 100;

/** Tells by events and log what came of the rules: when that is news, or when somebody waits for it. */
export class Verdicts {
  readonly #netconf: Pick<Netconf, 'emit' | 'log'>;
  #isAsked = false;
  #problems: readonly Problem[] = [];

  constructor(netconf: Pick<Netconf, 'emit' | 'log'>) {
    this.#netconf = netconf;
  }

  /** What is wrong with what was to be put in force last; nothing where that worked. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** Somebody waits for the next verdict, also where it is as before. */
  ask(): void {
    this.#isAsked = true;
  }

  applied(parts: readonly FirewallPart[], { networks, rules }: RuleSet, isChanged: boolean): void {
    const isNews = isChanged || this.#problems.length > 0;
    this.#problems = [];
    if (!this.#isDue(isNews)) return;
    const speaking = parts.filter(part => part.networks.length + part.rules.length > 0);
    this.#netconf.emit('firewall.applied', {
      networks: networks.length,
      rules: rules.length,
      plugins: [...new Set(speaking.map(({ plugin }) => plugin))],
      changed: isChanged,
    });
  }

  /** @param stays what is in force instead */
  failed(problems: readonly Problem[], stays: string): void {
    const isNews = JSON.stringify(problems) !== JSON.stringify(this.#problems);
    this.#problems = problems;
    const [first] = problems;
    if (first === undefined || !this.#isDue(isNews)) return;
    const { log } = this.#netconf;
    for (const { place, message } of problems.slice(0, mostLogged))
      log.error(`${place === '' ? '' : `${place}: `}${message}`);
    log.error(`the rules are not in force: ${stays}`);
    this.#netconf.emit('firewall.failed', {
      place: first.place === '' ? null : first.place,
      message: first.message,
      more: problems.length - 1,
    });
  }

  #isDue(isNews: boolean): boolean {
    const isDue = isNews || this.#isAsked;
    this.#isAsked = false;
    return isDue;
  }
}
