import { doAll } from '../../base/do-all.ts';
import { messageOf } from '../../base/errors.ts';
import { linkIndex } from '../../base/libc/links.ts';
import { linkNames, masterOf } from '../../base/links.ts';
import { Turns } from '../../base/turns.ts';
import type { Event } from '../../bus/event.ts';
import type { Operation } from '../hooks.ts';
import { stanzaName } from '../makes.ts';
import { perform } from '../perform.ts';
import { MemberFiles } from './files.ts';
import type { MemberKind, MembersHost, Wish } from './kind.ts';
import { Known } from './known.ts';
import { at, checkClaims, isOthers, neededBy } from './rules.ts';
import { type Selection, selectionOf } from './select.ts';
import { Wishes } from './wishes.ts';

export type { MemberKind, MembersHost, Wish } from './kind.ts';

/** Names that a handle, and a line of a batch, can have. */
const plain = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/;

/**
 * Links that belong to another: slaves of a bond, ports of a bridge. They join when their master comes up, in the order
 * in which it names them, or later, when they appear; they leave with it. Members that have a stanza of their own are
 * brought up first. What a master wants is kept beside its handles, so that the next daemon knows it.
 */
export class Members {
  readonly #host: MembersHost;
  readonly #kind: MemberKind;
  readonly #files: MemberFiles;
  readonly #turns = new Map<string, Turns>();
  readonly #wishes: Wishes;

  constructor(host: MembersHost, kind: MemberKind) {
    this.#host = host;
    this.#kind = kind;
    this.#files = new MemberFiles(host.paths.run, kind.word);
    this.#wishes = new Wishes(this.#files, host.log);
    host.hooks.prerequisites.tap(`${kind.word}s`, (interfaces, operation) => {
      const known = this.#known(operation);
      const needed = neededBy(operation, kind, known).filter(name => !interfaces.includes(name));
      return needed.length > 0 ? [...interfaces, ...needed] : undefined;
    });
    if (host.observe) return;
    for (const name of ['interface.found', 'interface.configured'] as const)
      host.on(name, event => {
        this.#came(event).catch(error => host.log.error(`${event.interface}: ${messageOf(error)}`));
      });
    host.hooks.ready.tapPromise(`${kind.word}s that came meanwhile`, () => this.#catchUp());
  }

  /**
   * Lets all join that a master wants and that are there, and those leave that it does not want any more. Throws an
   * Error for one that another has, or that the kernel does not let join; nobody leaves then.
   */
  async join(operation: Operation, wish: Wish): Promise<void> {
    const { interface: master, stanza } = operation;
    const { word } = this.#kind;
    const selection = selectionOf(wish.words);
    const known = this.#known(operation);
    const odd = selection.names.find(name => !plain.test(name));
    if (odd !== undefined) throw new Error(`'${odd.slice(0, 40)}' is no name that a ${word} can have`);
    for (const name of selection.names) checkClaims(name, operation, word, known);
    await this.#turn(master, async () => {
      if (!this.#host.observe) this.#wishes.keep(master, { wish, selection });
      const wanted = selection.from(linkNames()).filter(name => name !== master && plain.test(name));
      for (const member of wanted) {
        const isNamed = selection.names.includes(member);
        if (!(await this.#isThere(member, known, operation))) {
          operation.progress(`${member} is not there: it joins ${master} when it appears`);
          continue;
        }
        const other = masterOf(member);
        if (
          !isNamed &&
          ((other !== undefined && other !== master) || isOthers(member, [master, operation.logical], known))
        )
          continue;
        try {
          await this.#letJoin(master, member, wish, operation);
        } catch (error) {
          // Gone in the middle: it may come back.
          if (linkIndex(member) === undefined) continue;
          const belongs = `${member} belongs to ${other}${at(known.placeOf(other ?? ''))} already`;
          const reason = other !== undefined && other !== master ? belongs : messageOf(error);
          if (isNamed) throw new Error(`${reason}; ${master}${at(stanza.place)} wants it as a ${word}`);
          operation.progress(`${member} does not join ${master}: ${reason}`);
          await this.#letLeave(master, member, operation);
        }
      }
      for (const member of this.#files.joined(master))
        if (!selection.wants(member) && known.masterOf(member) !== master)
          await this.#letLeave(master, member, operation);
    });
  }

  /** Lets one link join a master that its own stanza names, with what the method is to see beside that. */
  async joinAlone(
    operation: Operation,
    master: string,
    environment: Readonly<Record<string, string>>,
  ): Promise<void> {
    const { interface: member } = operation;
    if (!plain.test(member)) throw new Error(`'${member}' is no name that a ${this.#kind.word} can have`);
    const wanted = this.#wishes.all.get(master)?.wish;
    const wish = {
      words: [],
      environment: { ...wanted?.environment, ...wanted?.each[member], ...environment },
      each: {},
    };
    await this.#turn(master, () => this.#letJoin(master, member, wish, operation));
  }

  /**
   * Lets all leave that have joined, those that have stanzas of their own by an `ifdown`, unless another stanza wants the
   * master still, as its handle says. Throws what went wrong, at the end.
   */
  async release(operation: Operation, handle: string): Promise<void> {
    const { interface: master, stanza } = operation;
    if (this.#files.isWanted(master, handle, stanzaName(stanza))) return;
    const known = this.#known(operation);
    for (const member of this.#files.joined(master))
      if (known.masterOf(member) === master)
        await this.#host.operate('ifdown', member, { inside: operation });
    await this.#turn(master, () => {
      if (!this.#host.observe) this.#wishes.forget(master);
      const members = this.#files.joined(master).toReversed();
      return doAll(...members.map(member => () => this.#letLeave(master, member, operation)));
    });
  }

  /** Has it joined by the method? */
  hasJoined(master: string, member: string): boolean {
    return this.#files.joined(master).includes(member);
  }

  leave(operation: Operation, master: string): Promise<void> {
    return this.#turn(master, () => this.#letLeave(master, operation.interface, operation));
  }

  #letJoin(master: string, member: string, wish: Wish, operation?: Operation): Promise<void> {
    return this.#perform('up', master, member, { ...wish.environment, ...wish.each[member] }, operation);
  }

  async #letLeave(master: string, member: string, operation?: Operation): Promise<void> {
    await this.#perform('down', master, member, {}, operation);
    await this.#kind.made?.down(member, operation);
  }

  /** There, or made now. */
  async #isThere(member: string, known: Known, operation?: Operation): Promise<boolean> {
    if (linkIndex(member) !== undefined) return true;
    const { made } = this.#kind;
    const parent = made?.parentOf(member);
    if (parent === undefined || linkIndex(parent) === undefined || known.of(member).length > 0) return false;
    await made?.up(member, operation);
    return linkIndex(member) !== undefined;
  }

  #perform(
    mode: 'up' | 'down',
    master: string,
    member: string,
    environment: Readonly<Record<string, string>>,
    operation?: Operation,
  ): Promise<void> {
    return perform(this.#host, this.#kind.method, {
      mode,
      interface: master,
      handle: this.#files.handleOf(member),
      environment: { ...environment, MEMBER: member },
      ...(operation && { operation }),
    });
  }

  /** A link has come, or has been configured: does it belong to somebody? Is it a master with members to bring up? */
  async #came(event: Event<object>): Promise<void> {
    const name = event.interface ?? '';
    const wishes = this.#wishes.all;
    const own = event.name === 'interface.configured' ? wishes.get(name) : undefined;
    if (own !== undefined) this.#bringUp(name, own.selection, event);
    for (const [master, { selection }] of wishes) {
      if (selection.wants(name)) await this.#joinLate(master, name);
      for (const member of selection.names)
        if (this.#kind.made?.parentOf(member) === name) await this.#joinLate(master, member);
    }
  }

  /** Members that are declared in the class of their master's name: `allow-bond0 eth1`. */
  #bringUp(master: string, selection: Selection, event: Event<object>): void {
    const known = this.#known(undefined);
    for (const member of selection.from(linkNames())) {
      if (!known.of(member).some(({ classes }) => classes.includes(master))) continue;
      this.#host
        .operate('ifup', member, { class: master, cause: event })
        .catch(error => this.#host.log.error(`${member}: ${messageOf(error)}`));
    }
  }

  /** Those that appeared while no daemon ran. One that had joined, and that somebody has taken out, is left alone. */
  async #catchUp(): Promise<void> {
    for (const [master, { selection }] of this.#wishes.all) {
      for (const name of selection.from(linkNames())) {
        const handle = this.#files.handleText(master, name);
        if (handle?.split('\n').includes(`member ${linkIndex(name)}`)) continue;
        await this.#joinLate(master, name);
      }
    }
  }

  async #joinLate(master: string, member: string): Promise<void> {
    try {
      await this.#turn(master, async () => {
        const { wish, selection } = this.#wishes.all.get(master) ?? {};
        if (wish === undefined || master === member || !plain.test(member)) return;
        const known = this.#known(undefined);
        if (!selection?.names.includes(member) && isOthers(member, [master], known)) return;
        if (!(await this.#isThere(member, known)) || masterOf(member) !== undefined) return;
        await this.#letJoin(master, member, wish);
        this.#host.log.notice(`${member} has joined ${master}`);
      });
    } catch (error) {
      this.#host.log.error(`${member} does not join ${master}: ${messageOf(error)}`);
      // What was done by half goes.
      await this.#turn(master, () => this.#letLeave(master, member)).catch(failure =>
        this.#host.log.error(`${member}: ${messageOf(failure)}`),
      );
    }
  }

  #known(operation: Operation | undefined): Known {
    return Known.of(this.#host.gather('stanzas', none, operation));
  }

  /** One after the other for each master. */
  async #turn<T>(master: string, change: () => Promise<T>): Promise<T> {
    const turns = this.#turns.get(master) ?? new Turns();
    this.#turns.set(master, turns);
    return turns.take(change);
  }
}

const none: readonly never[] = [];
