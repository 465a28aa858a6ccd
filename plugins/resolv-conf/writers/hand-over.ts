import { existsSync } from 'node:fs';
import { failureOf, type Netconf } from 'netconf/plugin';
import type { Book } from '../book.ts';
import { linkExists } from '../links.ts';
import type { Part } from '../merge.ts';
import type { Owner } from '../owner.ts';
import { type Command, toGive, toTakeBack } from './commands.ts';

type Receiver = Extract<Owner, { program: string }>;

/** What the owner has been told, by interface. */
interface Handed {
  to: Receiver;
  told: Record<string, string>;
}

/** Seconds that one call may take: resolvconf(8) waits up to ten for its lock, and then runs scripts. */
const deadline = 12;

/** Hands name service to the program that owns resolv.conf: each interface once, and again when it has changed. */
export class HandOver {
  readonly #netconf: Pick<Netconf, 'run'>;
  readonly #book: Book;

  constructor(netconf: Pick<Netconf, 'run'>, book: Book) {
    this.#netconf = netconf;
    this.#book = book;
  }

  /** Ends at the first failure, with its sentence: what has been told is on record, the rest is told the next time. */
  async give(to: Receiver, parts: readonly Part[]): Promise<string | undefined> {
    const before = this.#handed();
    const changes = before !== undefined && (before.to.by !== to.by || before.to.program !== to.program);
    const failure = changes ? await this.takeBack() : undefined;
    if (failure !== undefined) return failure;
    const handed: Handed = { to, told: (changes ? undefined : before?.told) ?? {} };
    for (const on of Object.keys(handed.told)) {
      if (parts.some(part => part.interface === on)) continue;
      const failed = await this.#takeBackOne(handed, on);
      if (failed !== undefined) return failed;
    }
    for (const part of parts) {
      const commands = toGive(to.by, part, parts);
      const text = JSON.stringify(commands);
      if (handed.told[part.interface] === text) continue;
      // On record before it runs: it may have come to something even where it fails.
      this.#remember({ ...handed, told: { ...handed.told, [part.interface]: '' } });
      const failed = await this.#runAll(to, commands);
      if (failed !== undefined) return failed;
      handed.told[part.interface] = text;
      this.#remember(handed);
    }
    return undefined;
  }

  hasGiven(): boolean {
    return this.#handed() !== undefined;
  }

  /** Takes back everything, from whomever it was handed to. */
  async takeBack(): Promise<string | undefined> {
    const handed = this.#handed();
    if (handed === undefined) return undefined;
    let failure: string | undefined;
    for (const on of Object.keys(handed.told)) failure ??= await this.#takeBackOne(handed, on);
    return failure;
  }

  async #takeBackOne(handed: Handed, on: string): Promise<string | undefined> {
    // What systemd-resolved knows of a link goes with it; a program that is not installed any more knows nothing.
    const isGone = (handed.to.by === 'systemd-resolved' && !linkExists(on)) || !existsSync(handed.to.program);
    const failure = isGone ? undefined : await this.#runAll(handed.to, [toTakeBack(handed.to.by, on)]);
    if (failure !== undefined) return failure;
    delete handed.told[on];
    this.#remember(Object.keys(handed.told).length === 0 ? undefined : handed);
    return undefined;
  }

  async #runAll({ program }: Receiver, commands: readonly Command[]): Promise<string | undefined> {
    for (const { argv, input = '' } of commands) {
      const run = await this.#netconf.run({ path: program, argv, environment: {}, input, deadline });
      const failure = failureOf(run);
      if (failure === undefined) continue;
      const said = run.output.trimEnd().split('\n').at(-1);
      return `${program} ${argv.join(' ')}: ${failure}${said ? ` (${said})` : ''}`;
    }
    return undefined;
  }

  #handed(): Handed | undefined {
    const found = this.#book.recall('handed') as Partial<Handed> | undefined;
    const isGood = typeof found?.told === 'object' && typeof found.to?.program === 'string';
    return isGood ? (found as Handed) : undefined;
  }

  #remember(handed: Handed | undefined): void {
    this.#book.remember('handed', handed);
  }
}
