import { setImmediate as nextTurn } from 'node:timers/promises';
import { anyGlob } from '../base/glob.ts';
import type { Undo } from '../base/undo.ts';
import type { Event } from '../bus/event.ts';
import type { MonitorParameters } from './api.ts';
import type { Backend } from './backend.ts';
import { encodeReply } from './varlink/message.ts';
import type { Replies } from './varlink/service.ts';

/** Bytes that a subscriber may be behind; past them it loses events, and is told how many. */
export const behind = 1024 * 1024;

/** Bytes that go out before the turn of the loop is over. */
const large = 64 * 1024;

/** Replayed events in one turn of the loop. */
const replayed = 200;

/**
 * All subscribers of `Monitor`. Each event is made into a message once, whoever wants it, and goes out with the
 * others of the same turn of the loop in one write.
 */
export class Monitors {
  readonly #backend: Pick<Backend, 'subscribe' | 'replay'>;
  readonly #subscribers = new Set<Subscriber>();
  #unsubscribe: Undo | undefined;
  /** Events that subscribers were too slow for, since the start. */
  lost = 0;

  constructor(backend: Pick<Backend, 'subscribe' | 'replay'>) {
    this.#backend = backend;
  }

  get size(): number {
    return this.#subscribers.size;
  }

  /** Sends what the parameters ask for until the connection is gone. */
  async serve(parameters: MonitorParameters, replies: Replies): Promise<void> {
    if (replies.signal.aborted) return;
    replies.endless();
    const subscriber = new Subscriber(parameters, replies, count => {
      this.lost += count;
    });
    this.#add(subscriber);
    try {
      if (parameters.replay) await this.#replay(subscriber);
      subscriber.live();
      await gone(replies.signal);
    } finally {
      this.#remove(subscriber);
    }
  }

  /** What happens meanwhile is held back, since the replay tells of an earlier state. */
  async #replay(subscriber: Subscriber): Promise<void> {
    let count = 0;
    for (const event of this.#backend.replay()) {
      if (subscriber.wants(event)) await subscriber.replay(messageFor(event));
      if (++count % replayed === 0) await nextTurn();
      if (subscriber.gone) return;
    }
  }

  #add(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber);
    this.#unsubscribe ??= this.#backend.subscribe(event => this.#publish(event));
  }

  #remove(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
    if (this.#subscribers.size > 0) return;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  #publish(event: Event): void {
    let message: Message | undefined;
    for (const subscriber of this.#subscribers) {
      if (!subscriber.wants(event)) continue;
      message ??= messageFor(event);
      subscriber.take(message);
    }
  }
}

interface Message {
  /** Undefined for an event whose data cannot be serialised. */
  text: string | undefined;
  bytes: number;
}

function messageFor(event: Event): Message {
  try {
    const text = encodeReply(`{"event":${event.line}}`, true);
    return { text, bytes: Buffer.byteLength(text) };
  } catch {
    return { text: undefined, bytes: 0 };
  }
}

class Subscriber {
  readonly #names: (name: string | undefined) => boolean;
  readonly #interfaces: (name: string | undefined) => boolean;
  readonly #replies: Replies;
  readonly #count: (lost: number) => void;
  #waiting = '';
  #bytes = 0;
  #lost = 0;
  #live = false;
  #scheduled = false;
  #draining = false;

  constructor(parameters: MonitorParameters, replies: Replies, count: (lost: number) => void) {
    this.#names = anyGlob(parameters.names);
    this.#interfaces = anyGlob(parameters.interfaces);
    this.#replies = replies;
    this.#count = count;
  }

  get gone(): boolean {
    return this.#replies.signal.aborted;
  }

  wants(event: Event): boolean {
    return this.#names(event.name) && this.#interfaces(event.interface);
  }

  /** Appends an event, or counts it as lost. Once something is lost, all is until the peer has caught up. */
  take(message: Message): void {
    if (message.text === undefined || this.#lost > 0 || this.#bytes + this.#replies.unsent > behind) {
      this.#lost++;
      this.#count(1);
      if (this.#live) this.#catchUp();
      return;
    }
    this.#waiting += message.text;
    this.#bytes += message.bytes;
    if (!this.#live) return;
    if (this.#bytes > large) this.#flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#flush();
      });
    }
  }

  /** Sends a replayed event at once; resolves when the next may follow. */
  async replay(message: Message): Promise<void> {
    if (message.text === undefined) return;
    this.#replies.writeRaw(message.text);
    if (this.#replies.unsent > behind / 4) await this.#replies.drained();
  }

  /** Ends the replay: what was held back goes out, and from now on all at once. */
  live(): void {
    this.#live = true;
    this.#flush();
    if (this.#lost > 0) this.#catchUp();
  }

  #flush(): void {
    if (this.#waiting !== '') this.#replies.writeRaw(this.#waiting);
    this.#waiting = '';
    this.#bytes = 0;
  }

  /** When the peer has taken what waits for it, it is told how much it missed. It may take as long as it likes. */
  #catchUp(): void {
    if (this.#draining) return;
    this.#draining = true;
    setImmediate(async () => {
      this.#flush();
      await this.#replies.drained();
      this.#draining = false;
      if (this.gone) return;
      this.#replies.write(JSON.stringify({ lost: this.#lost }));
      this.#lost = 0;
    });
  }
}

function gone(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(), { once: true }));
}
