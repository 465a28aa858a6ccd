import { NetconfError } from '../../core/base/errors.ts';
import type { Hearer, Kernel } from '../../core/netlink/kernel.ts';
import { type Memory, memory } from '../../core/netlink/mirror/memory.ts';
import { type Attribute, attribute } from '../../core/netlink/wire/attributes.ts';
import * as c from '../../core/netlink/wire/constants.ts';
import { decode, encode, type Message } from '../../core/netlink/wire/message.ts';
import { linkSchema } from '../../core/netlink/wire/schemas/link.ts';
import { routeSchema } from '../../core/netlink/wire/schemas/route.ts';

type Take = (memory: Memory, at: number, end: number) => void;

/** A kernel that has what it is given, and fails as it is told. */
export class FakeKernel implements Kernel {
  /** Messages that dumps give, all types together. */
  has: Message[] = [];
  hearer!: Hearer;
  isClosed = false;
  requests: Message[] = [];
  /** How many of the next dumps are interrupted. */
  interruptions = 0;
  /** Done while a dump is under way, after the kernel has looked and before its messages are read. */
  underway: ((request: Message) => void) | undefined;
  /** Done while a dump is under way, after its messages. */
  meanwhile: ((request: Message) => void) | undefined;
  refusal: Error | undefined;

  listen(_groups: readonly number[], receiveBuffer: number, hearer: Hearer): number {
    this.hearer = hearer;
    return receiveBuffer;
  }

  subscribe(): void {}

  async request(bytes: Uint8Array, _dump: boolean, take: Take): Promise<{ interrupted: boolean }> {
    if (this.isClosed) throw new NetconfError('Netlink', 'closed');
    if (this.refusal) throw this.refusal;
    const request = decode(bytes);
    this.requests.push(request);
    const { family } = request.header;
    const answers = this.has.filter(
      message => message.type === request.type - 2 && (!family || family === message.header.family),
    );
    this.underway?.(request);
    for (const message of answers) deliver(encode(message), take);
    this.meanwhile?.(request);
    await new Promise(resolve => setImmediate(resolve));
    return { interrupted: this.interruptions-- > 0 };
  }

  notify(message: Message | Uint8Array): void {
    const bytes = message instanceof Uint8Array ? message : encode(message);
    deliver(bytes, (memory, at, end) => this.hearer.message(memory, at, end));
  }

  close(): void {
    this.isClosed = true;
  }
}

function deliver(bytes: Uint8Array, take: Take): void {
  const place = memory(Math.max(bytes.length, c.headerLength));
  place.bytes.set(bytes);
  take(place, 0, bytes.length);
}

export function link(index: number, name: string, flags = 0x1003): Message {
  return message(c.RTM_NEWLINK, { family: 0, type: 1, index, flags }, [
    attribute(linkSchema, 'ifname', name),
    attribute(linkSchema, 'mtu', 1500),
  ]);
}

/** A host route 10.0.X.Y by its number. */
export function route(number: number, gateway = 1, type: number = c.RTM_NEWROUTE, flags = 0): Message {
  const destination = Buffer.from([10, 0, number >> 8, number & 255]);
  return {
    ...message(type, { family: 2, dst_len: 32, table: 254, protocol: 4, type: 1 }, [
      attribute(routeSchema, 'dst', destination),
      attribute(routeSchema, 'gateway', Buffer.from([10, 1, 0, gateway])),
      attribute(routeSchema, 'oif', 2),
    ]),
    flags,
  };
}

function message(type: number, header: Record<string, number>, attributes: Attribute[]): Message {
  return { type, flags: 0, seq: 0, pid: 0, header, attributes };
}
