import type { Memory } from './mirror/memory.ts';

/** Whom the kernel's notifications go to. Nothing here may throw. */
export interface Hearer {
  /** One notification in `memory` from `at`, where its `struct nlmsghdr` begins, to `end`. Good until it returns. */
  message(memory: Memory, at: number, end: number): void;
  /** Notifications were lost, or one was cut off. More may come before `dry`. */
  lost(reason: 'ENOBUFS' | 'truncated'): void;
  /** All that had arrived is delivered; what is lost from now on will be said anew. */
  dry(): void;
}

/** The seam to the kernel, and the one place for a fake: `socket.ts` and `requests.ts` are the real one. */
export interface Kernel {
  /**
   * Begins to listen to these multicast groups (rtnetlink(7)). Returns the receive buffer's effective size in bytes.
   * Throws {@link NetconfError} `Netlink` or `SystemCall`.
   */
  listen(groups: readonly number[], receiveBuffer: number, hearer: Hearer): number;
  /** Joins or leaves a group while listening. */
  subscribe(group: number, on: boolean): void;
  /**
   * Sends a request (an encoded message; sequence number and flags are set here) and hands over each message of the
   * answer. With `dump`, all objects of the kind. Resolves when the answer is complete: `interrupted` says that what
   * was dumped changed meanwhile. Rejects with {@link NetconfError} `Netlink` or `TimedOut`. One at a time.
   */
  request(
    message: Uint8Array,
    dump: boolean,
    take: (memory: Memory, at: number, end: number) => void,
  ): Promise<{ interrupted: boolean }>;
  /** Closes all descriptors; waiting requests reject. */
  close(): void;
}
