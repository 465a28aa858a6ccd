import { constants } from 'node:os';
import { atOnce } from '../base/clock.ts';
import { messageOf, NetconfError } from '../base/errors.ts';
import { Readable } from '../base/libc/readable.ts';
import {
  closeSocket,
  getOption,
  openNetlink,
  Receiver,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SOL_SOCKET,
  sendToKernel,
  setOption,
} from '../base/libc/socket.ts';
import { log } from '../base/log.ts';
import type { Hearer } from './kernel.ts';
import { sliceLength } from './slice.ts';
import { align, headerLength, NLM_F_ACK, NLM_F_REQUEST, NLMSG_ERROR, NLMSG_NOOP } from './wire/constants.ts';
import { writeU16, writeU32 } from './wire/endian.ts';

/** linux/netlink.h */
const NETLINK_ROUTE = 0;
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const NETLINK_DROP_MEMBERSHIP = 2;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;

/** Milliseconds between two looks in a burst. */
const tick = 2;
/** Milliseconds in which the loop must have told of an answer. */
const patience = 1000;
/** Milliseconds between two looks where nothing wakes us. */
const fallback = 50;
/** Milliseconds between two looks while the kernel gives errors: each pause is twice as long as the one before. */
const shortestPause = 100;
const longestPause = 10_000;

/** A netlink socket with strict checking of dump requests and extended acknowledgements, as far as the kernel has them. */
export function openRouteSocket(): number {
  const fd = openNetlink(NETLINK_ROUTE);
  setOption(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
  setOption(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
  return fd;
}

/**
 * The socket that notifications come from. The event loop says that something is there; when much comes at once the
 * socket is looked at every 2 ms instead until it is dry, which costs a fraction. No timer runs while nothing comes.
 */
export class NotificationSocket {
  readonly #fd: number;
  readonly #hearer: Hearer;
  readonly #receiver = new Receiver(32, 16 * 1024);
  /** Datagrams that it has received last. */
  #received = 0;
  /** Undefined where the event loop cannot wait for the socket. */
  #readable: Readable | undefined;
  /** Until the first wake. */
  #doubt: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #closed = false;
  #lastWake = 0;
  /** Wakes that followed close upon another. */
  #strikes = 0;
  /** Milliseconds until the next look, while the kernel gives errors; else 0. */
  #pause = 0;

  constructor(groups: readonly number[], receiveBuffer: number, hearer: Hearer) {
    this.#hearer = hearer;
    this.#fd = openRouteSocket();
    if (!setOption(this.#fd, SOL_SOCKET, SO_RCVBUFFORCE, receiveBuffer)) {
      setOption(this.#fd, SOL_SOCKET, SO_RCVBUF, receiveBuffer);
    }
    for (const group of groups) this.subscribe(group, true);
    // What comes meanwhile waits in the kernel: a start has more to do than to make Node's first socket.
    this.#immediate = setImmediate(() => this.#hear());
  }

  #hear(): void {
    this.#immediate = undefined;
    try {
      this.#readable = new Readable(this.#fd, () => this.#wake());
      this.#prove();
    } catch (error) {
      this.#lookInstead(messageOf(error));
    }
  }

  get receiveBuffer(): number {
    return getOption(this.#fd, SOL_SOCKET, SO_RCVBUF);
  }

  subscribe(group: number, on: boolean): void {
    // A group that the kernel does not have has nothing to tell.
    setOption(this.#fd, SOL_NETLINK, on ? NETLINK_ADD_MEMBERSHIP : NETLINK_DROP_MEMBERSHIP, group);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#doubt);
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#readable?.close();
    closeSocket(this.#fd);
  }

  /** Has the kernel answer, which must wake us: if another Node is different below, the daemon must not be deaf. */
  #prove(): void {
    sendToKernel(this.#fd, noOperation());
    const deaf = () =>
      this.#doubt !== undefined && this.#lookInstead('the event loop does not tell of netlink');
    // After a turn of the loop: this one may have been late.
    this.#doubt = setTimeout(() => setImmediate(deaf), patience).unref();
  }

  #lookInstead(reason: string): void {
    this.#readable?.close();
    this.#readable = undefined;
    if (this.#closed) return;
    log('netlink').warning(`${reason}: looking every ${fallback} ms for what the kernel tells`);
    this.#later(fallback);
  }

  #wake(): void {
    if (this.#doubt !== undefined) {
      clearTimeout(this.#doubt);
      this.#doubt = undefined;
    }
    const now = performance.now();
    this.#strikes = now - this.#lastWake < 1 ? this.#strikes + 1 : 0;
    this.#lastWake = now;
    const { count, dry } = this.#drain();
    if (this.#closed || this.#rests()) return;
    if (!dry || count >= 16 || this.#strikes >= 3) {
      this.#readable?.pause();
      this.#again(dry);
    } else if (count > 0) {
      this.#hearer.dry();
    }
  }

  /** One look of a burst, which ends with a look that finds nothing. */
  #look(): void {
    this.#timer = this.#immediate = undefined;
    if (this.#closed) return;
    const { count, dry } = this.#drain();
    if (this.#closed || this.#rests()) return;
    if (!dry || count > 0) {
      this.#again(dry);
      return;
    }
    this.#strikes = 0;
    if (this.#readable === undefined) this.#later(fallback);
    else this.#readable.resume();
    this.#hearer.dry();
  }

  /** While the kernel gives errors it is asked for everything instead, and looked at after longer and longer pauses. */
  #rests(): boolean {
    if (this.#pause === 0) return false;
    this.#readable?.pause();
    this.#later(this.#pause);
    this.#hearer.dry();
    return true;
  }

  #again(dry: boolean): void {
    if (dry) this.#later(tick);
    else this.#immediate = setImmediate(() => this.#look());
  }

  #later(ms: number): void {
    this.#timer = setTimeout(() => this.#look(), ms);
    if (ms >= fallback) this.#timer.unref();
  }

  /** Receives until nothing is left or the slice is used up. */
  #drain(): { count: number; dry: boolean } {
    const end = performance.now() + sliceLength;
    let count = 0;
    for (;;) {
      const received = this.#receiver.receive(this.#fd);
      if (received >= 0 || -received === constants.errno.ENOBUFS) this.#pause = 0;
      if (received === 0) return { count, dry: true };
      if (received < 0) {
        if (-received !== constants.errno.ENOBUFS) {
          this.#failed(-received);
          return { count, dry: true };
        }
        this.#hearer.lost('ENOBUFS');
        count++;
      }
      this.#received = received;
      atOnce(this.#batch);
      if (this.#closed) return { count, dry: true };
      count += Math.max(0, received);
      // What has come meanwhile wakes us again, or is found by the next look.
      if (received >= 0 && received < this.#receiver.slots) return { count, dry: true };
      if (performance.now() >= end) return { count, dry: false };
    }
  }

  readonly #batch = () => {
    for (let i = 0; i < this.#received && !this.#closed; i++) this.#datagram(i);
  };

  #failed(errno: number): void {
    if (this.#pause === 0)
      log('netlink').error(new NetconfError('Netlink', `recvmmsg: errno ${errno}`).message);
    this.#pause = Math.min(Math.max(this.#pause * 2, shortestPause), longestPause);
    this.#hearer.lost('truncated');
  }

  #datagram(i: number): void {
    const receiver = this.#receiver;
    if (receiver.sender(i) !== 0) return;
    if (receiver.isTruncated(i)) {
      this.#hearer.lost('truncated');
      return;
    }
    let at = i * receiver.size;
    const end = at + receiver.length(i);
    while (end - at >= headerLength) {
      const length = receiver.words[at >> 2]!;
      if (length < headerLength || length > end - at) {
        this.#hearer.lost('truncated');
        return;
      }
      if (receiver.halves[(at + 4) >> 1] !== NLMSG_ERROR) this.#hearer.message(receiver, at, at + length);
      if (this.#closed) return;
      at += align(length);
    }
  }
}

/** A request for nothing, to be answered. */
function noOperation(): Uint8Array {
  const message = new Uint8Array(headerLength);
  writeU32(message, 0, headerLength);
  writeU16(message, 4, NLMSG_NOOP);
  writeU16(message, 6, NLM_F_REQUEST | NLM_F_ACK);
  return message;
}
