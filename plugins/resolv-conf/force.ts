import { join } from 'node:path';
import type { Netconf } from 'netconf/plugin';
import { messageOf } from '../../core/base/errors.ts';
import type { Book } from './book.ts';
import { Dnsmasq } from './dnsmasq.ts';
import type { Merged, Part } from './merge.ts';
import { type Owner, ownerOf } from './owner.ts';
import type { Options } from './settings.ts';
import type { Teller } from './teller.ts';
import { compose } from './text.ts';
import { canBeTold } from './writers/commands.ts';
import { OwnFile } from './writers/file.ts';
import { HandOver } from './writers/hand-over.ts';
import { Place } from './writers/place.ts';

const usualFile = '/etc/resolv.conf';

/** Brings name service into force: as netconf's own file, or through the program that the file belongs to. */
export class Force {
  readonly #options: Options;
  readonly #teller: Teller;
  readonly #file: OwnFile;
  readonly #handOver: HandOver;
  readonly #dnsmasq: Dnsmasq | undefined;
  readonly #changed: () => void;
  #released = false;

  /** @param changed called when something else may be right now */
  constructor(netconf: Netconf<Options>, book: Book, teller: Teller, changed: () => void) {
    const { file = usualFile, dnsmasq } = netconf.options;
    this.#options = netconf.options;
    this.#teller = teller;
    this.#changed = changed;
    this.#file = new OwnFile(new Place(file), book);
    this.#handOver = new HandOver(netconf, book);
    if (dnsmasq === undefined) return;
    const servers = dnsmasq.servers ?? join(book.directory, 'dnsmasq.servers');
    this.#dnsmasq = new Dnsmasq({ ...dnsmasq, servers }, book);
  }

  /** Is there something of netconf's that nobody may want any more? With a dnsmasq there is always its file. */
  hasLeft(): boolean {
    try {
      return this.#dnsmasq !== undefined || this.#file.holds() || this.#handOver.hasGiven();
    } catch {
      return false;
    }
  }

  /** Resolves with who brings it into force; rejects with the sentence why it is not. */
  async bring(merged: Merged): Promise<string> {
    const isTold = this.#tell(merged);
    if (merged.parts.length > 0) this.#dnsmasq?.follow(this.#changed);
    else this.#dnsmasq?.release();
    const owner = ownerOf(this.#file.place.path, this.#options.writer);
    if (owner.by === 'file' || owner.by === 'nobody') {
      const failure = await this.#handOver.takeBack();
      // It stays on record, and is tried again with the next change.
      if (failure !== undefined) this.#teller.once(failure);
      if (this.#released) return 'nobody';
    }
    if (owner.by !== 'file' && this.#file.holds()) this.#file.giveBack();
    if (owner.by === 'file') return this.#own(merged, isTold);
    if (owner.by === 'nobody') {
      const says = merged.parts.length > 0 && this.#options.writer !== 'none';
      this.#teller.state(
        says ? `name servers are known, but ${owner.reason}: nothing is written` : undefined,
      );
      return isTold && this.#options.writer === 'none' ? 'dnsmasq' : 'nobody';
    }
    this.#teller.state(undefined);
    const parts = this.#partsFor(owner, merged, isTold);
    for (const part of parts)
      if (!canBeTold(part)) this.#teller.once(`${part.interface} is no name that ${owner.by} could be told`);
    await orThrow(this.#handOver.give(owner, parts.filter(canBeTold)));
    return owner.by;
  }

  /** Takes everything back; rejects with the sentence why something stays. */
  async giveBack(): Promise<void> {
    this.#tell(nobody);
    if (this.#file.holds()) this.#file.giveBack();
    await orThrow(this.#handOver.takeBack());
  }

  /** What can be done at once when nothing else can be done any more. */
  release(): void {
    this.#released = true;
    this.#dnsmasq?.release();
    if (this.#file.holds()) this.#file.giveBack();
  }

  /** Without it names are resolved all the same. */
  #tell(merged: Merged): boolean {
    try {
      return this.#dnsmasq?.tell(merged) === true;
    } catch (error) {
      this.#teller.once(`dnsmasq is not told: ${messageOf(error)}`);
      return false;
    }
  }

  #own(merged: Merged, isTold: boolean): string {
    // A file without servers is worse than none: the search list alone resolves nothing.
    const isEmpty = merged.servers.length === 0;
    const local = isTold ? { address: this.#dnsmasq!.settings.address, name: 'dnsmasq' } : undefined;
    const { text, limits } = compose(merged, this.#file.place.saved, local);
    const written = isEmpty ? this.#file.giveBack() : this.#file.write(text);
    for (const limit of isEmpty ? [] : limits) this.#teller.once(limit);
    this.#teller.state(written.state === 'left-alone' ? `${written.reason}: it is left alone` : undefined);
    if (isEmpty || written.state === 'left-alone') return 'nobody';
    return isTold ? 'dnsmasq' : 'file';
  }

  /** Behind resolvconf a local dnsmasq is the one server; systemd-resolved splits names itself. */
  #partsFor(owner: Owner, merged: Merged, isTold: boolean): readonly Part[] {
    if (!isTold || owner.by === 'systemd-resolved' || merged.parts.length === 0) return merged.parts;
    const values = (what: 'search' | 'options' | 'sortlist') => merged[what].map(({ value }) => value);
    const local = {
      interface: 'lo',
      kind: 'interfaces' as const,
      name: 'dnsmasq',
      since: 0,
      servers: [this.#dnsmasq!.settings.address],
      search: values('search'),
      options: values('options'),
      sortlist: values('sortlist'),
    };
    return [{ interface: 'lo', contributions: [local] }];
  }
}

const nobody: Merged = { parts: [], servers: [], search: [], options: [], sortlist: [] };

async function orThrow(failure: Promise<string | undefined>): Promise<void> {
  const sentence = await failure;
  if (sentence !== undefined) throw new Error(sentence);
}
