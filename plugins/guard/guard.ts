import type { Event, FirewallPart, Netconf } from 'netconf/plugin';
import { messageOf } from '../../core/base/errors.ts';
import { type Block, put, rulesOf, takeAway } from './block.ts';
import type { Peer } from './events.ts';
import { Memory } from './memory.ts';
import type { GuardOptions } from './options.ts';

const firstPauseMs = 10_000;
const longestPauseMs = 300_000;
/** What methods/linux/guard takes. */
const nameOfLink = /^[A-Za-z0-9_.@%+=,~][A-Za-z0-9_.@%+=,~-]{0,14}$/;

/** What the guard needs of a daemon. */
type Daemon = Netconf<GuardOptions>;

/**
 * Insecure links, what is blocked on them, and the VPN that guards them. The block comes first and goes last, stands in
 * the kernel by itself, and is not touched by what happens to this process.
 */
export class Guard {
  readonly #netconf: Daemon;
  readonly #vpn: string;
  readonly #memory: Memory;
  readonly #links = new Set<string>();
  #peer: Peer | undefined;
  #stands = false;
  /** The VPN was brought up by the guard, and goes with it. */
  #broughtUp = false;
  #recalled = false;
  #told = '';
  #toldFirewall = '';
  #turn: Promise<unknown> = Promise.resolve();
  #blocking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pause = firstPauseMs;
  #operating = false;

  constructor(netconf: Daemon, vpn: string) {
    this.#netconf = netconf;
    this.#vpn = vpn;
    this.#memory = new Memory(netconf.paths.run);
  }

  /** The network of this link is insecure. */
  insecure(event: Event): void {
    const { interface: on } = event;
    if (on === undefined || on === this.#vpn) {
      this.#netconf.log.warning(`${event.name}: it names no interface whose network could be guarded`);
      return;
    }
    if (!this.#canBeGuarded(on, event.name)) return;
    this.#recall();
    this.#links.add(on);
    void this.#block(event).then(() => this.#bringUp(event));
  }

  secure(event: Event): void {
    this.#recall();
    if (event.interface === undefined || !this.#links.delete(event.interface)) return;
    if (this.#links.size > 0) {
      void this.#block(event);
      return;
    }
    const brought = this.#broughtUp;
    const opened = this.#open(`${event.interface} is called secure`, event);
    if (brought) void opened.then(() => this.#operate('ifdown', event));
  }

  /** Somebody has taken the VPN down, who may. */
  calledOff(): void {
    this.#recall();
    if (this.#links.size === 0) return;
    this.#links.clear();
    void this.#open(`${this.#vpn} was taken down`);
  }

  stands(peer: Peer): void {
    const { server, port, protocol } = peer;
    this.#peer = { server, ...(port !== undefined && { port }), ...(protocol !== undefined && { protocol }) };
    this.#stands = true;
    clearTimeout(this.#timer);
    this.#pause = firstPauseMs;
    this.#recall();
    if (this.#links.size > 0) void this.#block();
  }

  /** The VPN does not stand any more. */
  fell(event: Event): void {
    this.#stands = false;
    if (this.#links.size === 0) return;
    void this.#block(event);
    if (event.name === 'vpn.down') this.#later();
  }

  /** There is another way out: the VPN may get through now. */
  poke(event: Event): void {
    if (this.#links.size === 0 || this.#stands || this.#operating) return;
    if ('new' in event.data) this.#bringUp(event);
  }

  renamed(old: string, name: string): void {
    if (!this.#links.has(old) || !this.#canBeGuarded(name, 'link.renamed')) return;
    this.#links.delete(old);
    this.#links.add(name);
    void this.#block();
  }

  /** What an earlier process of ours has guarded is guarded, and its VPN wanted. */
  recall(event: Event): void {
    this.#recall();
    if (this.#links.size > 0) void this.#block(event).then(() => this.#bringUp(event));
  }

  /** The block as rules of the firewall, where others see it; it holds without them. */
  part(): FirewallPart {
    this.#recall();
    return { plugin: this.#netconf.name, ...rulesOf(this.#wanted), spoofProtection: false };
  }

  /** Resolves when what is to be done about the block has been done. */
  async settled(): Promise<void> {
    await this.#turn;
  }

  release(): void {
    clearTimeout(this.#timer);
  }

  get #wanted(): Block {
    const { allow, marks, open } = this.#netconf.options;
    const isOpen = open === 'all' && this.#stands;
    return { vpn: this.#vpn, links: [...this.#links], peer: this.#peer, allow, marks, open: isOpen };
  }

  /** One name that the method refuses would leave all others unguarded. */
  #canBeGuarded(name: string, event: string): boolean {
    if (nameOfLink.test(name)) return true;
    this.#netconf.log.error(
      `${event}: ${name} is no name of a link that can be guarded: what leaves by it is not blocked`,
    );
    return false;
  }

  #recall(): void {
    if (this.#recalled) return;
    this.#recalled = true;
    const { links, peer, broughtUp } = this.#memory.read();
    for (const link of links) this.#links.add(link);
    this.#peer ??= peer;
    this.#broughtUp ||= broughtUp;
  }

  /** A block that the next netconfd will not know of is better than none. */
  #keep(): void {
    try {
      this.#memory.write({ links: [...this.#links], peer: this.#peer, broughtUp: this.#broughtUp });
    } catch (error) {
      this.#netconf.log.error(`what is guarded cannot be kept over a restart: ${messageOf(error)}`);
    }
  }

  /** Makes the block as it is to be now. */
  #block(cause?: Event): Promise<void> {
    // One that waits for its turn will see what there is then.
    if (this.#blocking !== undefined) return this.#blocking;
    const blocking = this.#inTurn(async () => {
      this.#blocking = undefined;
      if (this.#links.size === 0) return;
      // On record before it is done: whoever comes after us knows of it.
      this.#keep();
      const wanted = this.#wanted;
      await put(this.#netconf, wanted);
      const data = { dev: this.#vpn, links: [...wanted.links], open: wanted.open };
      if (this.#told === JSON.stringify(data)) return;
      this.#told = JSON.stringify(data);
      const about = { interface: this.#vpn, ...(cause !== undefined && { cause }) };
      this.#netconf.emit('vpn.guarded', data, about);
    });
    this.#blocking = blocking;
    return blocking;
  }

  #open(reason: string, cause?: Event): Promise<void> {
    clearTimeout(this.#timer);
    return this.#inTurn(async () => {
      if (this.#links.size > 0) return;
      this.#broughtUp = false;
      this.#told = '';
      await takeAway(this.#netconf, this.#vpn);
      this.#memory.remove();
      const about = { interface: this.#vpn, ...(cause !== undefined && { cause }) };
      this.#netconf.emit('vpn.unguarded', { dev: this.#vpn, reason }, about);
    });
  }

  /** Brings the VPN up, unless somebody is at it; tries again later when that fails. */
  #bringUp(cause?: Event): void {
    if (this.#operating || this.#stands || this.#links.size === 0) return;
    clearTimeout(this.#timer);
    this.#operating = true;
    void this.#operate('ifup', cause).then(result => {
      this.#operating = false;
      if (this.#links.size === 0) {
        // The guard has ended meanwhile, and the VPN with it.
        if (result?.state === 'configured') void this.#operate('ifdown', cause);
      } else if (result?.state === 'configured') {
        this.#broughtUp = true;
        this.#keep();
      } else if (result?.state !== 'already') {
        // A wrong password is no better the next time, and may lock whoever it belongs to out.
        if (result?.outcome !== 'AUTH') this.#later();
      }
    });
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#bringUp(), this.#pause).unref();
    this.#pause = Math.min(this.#pause * 2, longestPauseMs);
  }

  async #operate(request: 'ifup' | 'ifdown', cause?: Event) {
    try {
      const known = cause === undefined ? {} : { cause };
      const result = await this.#netconf.operate(request, this.#vpn, known);
      if (result.state === 'failed')
        this.#netconf.log.warning(`${this.#vpn}: ${result.message ?? result.state}`);
      return result;
    } catch (error) {
      this.#netconf.log.warning(`${this.#vpn}: ${messageOf(error)}`);
      return undefined;
    }
  }

  #tellFirewall(): void {
    const rules = JSON.stringify(this.part());
    if (this.#toldFirewall === rules) return;
    this.#toldFirewall = rules;
    this.#netconf.touch('firewall');
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn
      .then(work)
      .catch((error: Error) => this.#netconf.log.error(error.message))
      .then(() => this.#tellFirewall());
    this.#turn = done;
    return done;
  }
}
