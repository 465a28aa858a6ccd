import { NetconfError } from '../base/errors.ts';
import { closeSocket, Receiver, sendToKernel } from '../base/libc/socket.ts';
import { errorOf } from './errors.ts';
import type { Memory } from './mirror/memory.ts';
import { pause, Slice } from './slice.ts';
import { openRouteSocket } from './socket.ts';
import {
  align,
  headerLength,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
} from './wire/constants.ts';
import { writeU16, writeU32 } from './wire/endian.ts';

/** Milliseconds without an answer after which a request has failed. */
const patience = 10_000;

/**
 * Requests and their answers, on a socket of their own that is opened with the first. One at a time, in order; long
 * answers are taken in slices so that the loop goes on.
 */
export class Requests {
  #fd: number | undefined;
  #receiver: Receiver | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #sequence = 0;
  #closed = false;

  request(
    message: Uint8Array,
    dump: boolean,
    take: (memory: Memory, at: number, end: number) => void,
  ): Promise<{ interrupted: boolean }> {
    const result = this.#last.then(() => this.#run(message, dump, take));
    this.#last = result.catch(() => {});
    return result;
  }

  close(): void {
    this.#closed = true;
    this.#drop();
  }

  #drop(): void {
    if (this.#fd !== undefined) closeSocket(this.#fd);
    this.#fd = undefined;
  }

  async #run(
    message: Uint8Array,
    dump: boolean,
    take: (memory: Memory, at: number, end: number) => void,
  ): Promise<{ interrupted: boolean }> {
    if (this.#closed) throw new NetconfError('Netlink', 'the netlink socket is closed');
    this.#fd ??= openRouteSocket();
    // The kernel fills at most 32 KiB of a dump at a time.
    this.#receiver ??= new Receiver(8, 32 * 1024);
    const sequence = ++this.#sequence;
    writeU16(message, 6, NLM_F_REQUEST | (dump ? NLM_F_DUMP : NLM_F_ACK));
    writeU32(message, 8, sequence);
    try {
      sendToKernel(this.#fd, message);
      return await this.#answer(this.#fd, this.#receiver, sequence, take);
    } catch (error) {
      // Half an answer must not be taken for that to the next request.
      if (!(error instanceof NetconfError) || error.code !== 'Netlink') this.#drop();
      throw error;
    }
  }

  async #answer(
    fd: number,
    receiver: Receiver,
    sequence: number,
    take: (memory: Memory, at: number, end: number) => void,
  ): Promise<{ interrupted: boolean }> {
    const slice = new Slice();
    const state = { done: false, interrupted: false };
    let end = performance.now() + patience;
    while (!state.done) {
      const count = receiver.receive(fd);
      if (count < 0) throw new NetconfError('SystemCall', `recvmmsg: errno ${-count}`);
      for (let i = 0; i < count; i++) datagram(receiver, i, sequence, state, take);
      if (state.done) break;
      if (count > 0) end = performance.now() + patience;
      else if (performance.now() > end) throw new NetconfError('TimedOut', 'the kernel does not answer');
      else await pause(1);
      if (slice.over) await slice.next();
      if (this.#closed) throw new NetconfError('Netlink', 'the netlink socket was closed');
    }
    return state;
  }
}

function datagram(
  receiver: Receiver,
  i: number,
  sequence: number,
  state: { done: boolean; interrupted: boolean },
  take: (memory: Memory, at: number, end: number) => void,
): void {
  if (receiver.sender(i) !== 0) return;
  if (receiver.isTruncated(i)) state.interrupted = true;
  let at = i * receiver.size;
  const end = at + Math.min(receiver.length(i), receiver.size);
  while (end - at >= headerLength && !state.done) {
    const length = receiver.words[at >> 2]!;
    if (length < headerLength || length > end - at) {
      state.interrupted = true;
      return;
    }
    if (receiver.words[(at + 8) >> 2] === sequence) {
      const type = receiver.halves[(at + 4) >> 1]!;
      if (receiver.halves[(at + 6) >> 1]! & NLM_F_DUMP_INTR) state.interrupted = true;
      if (type === NLMSG_DONE || type === NLMSG_ERROR) {
        state.done = true;
        const error = errorOf(receiver.bytes.subarray(at, at + length));
        if (error) throw error;
      } else {
        take(receiver, at, at + length);
      }
    }
    at += align(length);
  }
}
