import type { Hearer, Kernel } from './kernel.ts';
import type { Memory } from './mirror/memory.ts';
import { Requests } from './requests.ts';
import { NotificationSocket } from './socket.ts';

/** The kernel of the network namespace that the process is in. */
export class NetlinkKernel implements Kernel {
  #socket: NotificationSocket | undefined;
  readonly #requests = new Requests();

  listen(groups: readonly number[], receiveBuffer: number, hearer: Hearer): number {
    this.#socket = new NotificationSocket(groups, receiveBuffer, hearer);
    return this.#socket.receiveBuffer;
  }

  subscribe(group: number, on: boolean): void {
    this.#socket?.subscribe(group, on);
  }

  request(
    message: Uint8Array,
    dump: boolean,
    take: (memory: Memory, at: number, end: number) => void,
  ): Promise<{ interrupted: boolean }> {
    return this.#requests.request(message, dump, take);
  }

  close(): void {
    this.#socket?.close();
    this.#requests.close();
  }
}
