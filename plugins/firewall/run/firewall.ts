import type { FirewallPart, Netconf } from 'netconf/plugin';
import { type Compiled, compile } from '../compile/compile.ts';
import { documentOf, elementsDocument } from '../compile/document.ts';
import { elementsOf } from '../compile/sets.ts';
import type { Options } from '../options.ts';
import { ownPart } from '../options.ts';
import type { Prefix } from '../rules/prefix.ts';
import type { Problem } from '../rules/problem.ts';
import type { RuleSet } from '../rules/resolved.ts';
import { isWanted, understand } from '../rules/understand.ts';
import { Addresses } from './addresses.ts';
import { Kept } from './kept.ts';
import { Method } from './method.ts';
import { findRefusal } from './refusal.ts';
import { Verdicts } from './verdicts.ts';

/** What is in force, as documents: what is the same need not be put in force again. */
interface InForce {
  /** All but what stands in sets. */
  text: string;
  elements: string;
}

/**
 * Keeps the kernel's table as the parts say. One change at a time: whatever happens meanwhile is looked at once,
 * afterwards. What is wrong leaves the older rules in force.
 */
export class Firewall {
  readonly #netconf: Netconf<Options>;
  readonly #method: Method;
  readonly #kept: Kept;
  readonly #verdicts: Verdicts;
  #addresses: Addresses | undefined;
  #inForce: InForce | undefined;
  /** Whether the kernel has what follows FTP's data connections: found out when it is refused. */
  #ftp = true;
  #work: Promise<void> | undefined;
  #again = false;
  /** Ask the kernel, even where nothing has changed here. */
  #look = true;
  #stopped = false;

  constructor(netconf: Netconf<Options>) {
    this.#netconf = netconf;
    this.#method = new Method(netconf);
    this.#verdicts = new Verdicts(netconf);
    this.#kept = new Kept(netconf, `${this.#method.directory}/parts.json`, () => void this.refresh());
  }

  /** What all plugins say, those that cannot say anything included. */
  parts(): FirewallPart[] {
    const own = ownPart(this.#netconf.options);
    return this.#kept.with(this.#netconf.gather('firewall', [own]) as FirewallPart[]);
  }

  /** Of what is in force, else of what the parts say: rules taken apart, and what is wrong with them. */
  wanted(): { set: RuleSet; problems: Problem[] } {
    return understand(this.parts());
  }

  /** Looks at the links whose addresses count, and says of each what it has. */
  async addressesOf(set: RuleSet): Promise<(link: string) => readonly Prefix[]> {
    await this.#lookAtLinks(set);
    return link => this.#addresses?.of(link) ?? [];
  }

  /** What is wrong with what was to be put in force last. */
  get failure(): readonly Problem[] {
    return this.#verdicts.problems;
  }

  get method(): Method {
    return this.#method;
  }

  /** As the configuration and this kernel have it. */
  compile(set: RuleSet): Compiled {
    return compile(set, { spoofing: this.#netconf.options.spoofProtection, ftp: this.#ftp });
  }

  /**
   * Somebody says something else now, and waits for what comes of it: `firewall.applied` or `firewall.failed` follows,
   * also where that is as it was. With `look` the kernel is asked in any case.
   */
  told(look = false): Promise<void> {
    this.#verdicts.ask();
    this.#look ||= look;
    return this.refresh();
  }

  /** Puts in force what is not. Resolves when all that is known by now is done; never rejects. */
  refresh(): Promise<void> {
    this.#again = true;
    if (this.#stopped || this.#netconf.observe) return Promise.resolve();
    this.#work ??= this.#workOff().finally(() => {
      this.#work = undefined;
    });
    return this.#work;
  }

  /** Resolves when what is being done is done. */
  get settled(): Promise<void> {
    return this.#work ?? Promise.resolve();
  }

  /** The table stays: without netconf nothing is more open than with it. */
  stop(): void {
    this.#stopped = true;
    this.#kept.stop();
    this.#addresses?.stop();
  }

  async #workOff(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        await this.#once();
      } catch (error) {
        this.#fail({ place: '', message: (error as Error).message });
      }
    }
  }

  async #once(): Promise<void> {
    const parts = this.parts();
    if (!isWanted(parts)) return this.#rest();
    const { set, problems } = understand(parts);
    if (problems.length > 0) return this.#fail(...problems);
    await this.#lookAtLinks(set);
    await this.#put(parts, set);
  }

  /** No firewall is wanted. */
  async #rest(): Promise<void> {
    this.#addresses?.stop();
    this.#addresses = undefined;
    if (this.#inForce === undefined && !this.#method.hasActed) return;
    const { failure } = await this.#method.remove();
    if (failure !== undefined) return this.#fail({ place: '', message: failure });
    this.#inForce = undefined;
    this.#kept.remember([]);
    this.#verdicts.applied([], { networks: [], rules: [], spoofProtection: false }, true);
  }

  async #lookAtLinks({ networks }: RuleSet): Promise<void> {
    const links = networks.flatMap(network => (network.dynamic ? network.links : []));
    if (links.length === 0) {
      this.#addresses?.stop();
      this.#addresses = undefined;
      return;
    }
    this.#addresses ??= new Addresses(
      this.#netconf,
      some => this.#method.addresses(some),
      () => void this.refresh(),
    );
    await this.#addresses.refresh(links);
  }

  async #put(parts: FirewallPart[], set: RuleSet): Promise<void> {
    const compiled = this.compile(set);
    const of = (link: string) => this.#addresses?.of(link) ?? [];
    const contents = compiled.sets.map(each => [each, elementsOf(each, of)] as const);
    const elements = elementsDocument(contents);
    const empty = documentOf(compiled, () => []);
    const text = `${empty}${JSON.stringify(compiled.settings)}`;
    const look = this.#look;
    this.#look = false;
    if (!look && this.#inForce?.text === text && this.failure.length === 0) {
      if (this.#inForce.elements === elements) return this.#verdicts.applied(parts, set, false);
      const { failure } = await this.#method.update(elements);
      if (failure === undefined) {
        this.#inForce.elements = elements;
        return this.#verdicts.applied(parts, set, false);
      }
      // Somebody took the table away, perhaps: it is put there as a whole.
    }
    const document = compiled.sets.length === 0 ? empty : documentOf(compiled, each => elementsOf(each, of));
    const outcome = await this.#method.apply(document, compiled.settings);
    if (outcome.failure !== undefined) {
      if (set.rules.length > 0) return this.#refused(compiled, outcome.failure);
      // Nobody has asked for anything that could be missed.
      this.#netconf.log.warning(`no spoof protection: ${outcome.failure}`);
      return this.#verdicts.applied(parts, set, false);
    }
    this.#inForce = { text, elements };
    this.#kept.remember(parts);
    this.#verdicts.applied(parts, set, outcome.lines.length > 0);
  }

  async #refused(compiled: Compiled, said: string): Promise<void> {
    if (this.#stopped) return;
    if (/program nft is missing|deadline|no method/.test(said))
      return this.#fail({ place: '', message: said });
    const { place, message, isFtp } = await findRefusal(compiled, said, document =>
      this.#method.check(document),
    );
    if (!isFtp) return this.#fail({ place: place ?? '', message });
    this.#netconf.log.warning(`${message}; data connections of FTP are not followed`);
    this.#ftp = false;
    this.#look = true;
    this.#again = true;
  }

  #fail(...problems: readonly Problem[]): void {
    if (this.#stopped) return;
    this.#verdicts.failed(
      problems,
      this.#method.isInForce ? 'the older rules stay in force' : 'nothing is in force',
    );
  }
}
