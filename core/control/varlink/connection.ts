import type { Socket } from 'node:net';
import { invalidParameter, VarlinkError } from './error.ts';
import { Framer, FramingError } from './framing.ts';
import { type CallMessage, encodeError, encodeReply, parseCall } from './message.ts';
import type { Call, Replies } from './service.ts';
import type { Share } from './share.ts';

/** The bounds of one connection. Bytes and milliseconds. */
export interface ConnectionLimits {
  /** A message, without its NUL. */
  message: number;
  /** Calls that came while another is at work: past this, reading stops. */
  backlog: number;
  /** Replies that the peer has not taken: past this, its next call waits. */
  unsent: number;
  /** From the first bytes of a message to its end. */
  unfinished: number;
  /** Without the peer taking anything of what waits for it. */
  stalled: number;
  /** Between two looks whether a peer that has finished sending still waits for its answer: no event tells when it goes. */
  finished: number;
}

const connectionLimits: ConnectionLimits = {
  message: 1024 * 1024,
  backlog: 64 * 1024,
  unsent: 256 * 1024,
  unfinished: 30_000,
  stalled: 300_000,
  finished: 5_000,
};

export interface ConnectionOptions<Peer> {
  peer: Peer;
  /** Of all connections. */
  share: Share;
  dispatch(call: Call<Peer>): Promise<object>;
  /** Turns what is no {@link VarlinkError} into one; must not throw. */
  translate(error: unknown, call: CallMessage): VarlinkError;
  /** Whether the peer of a socket that has ended is gone, not merely done with sending. */
  hungUp(): boolean;
  limits?: Partial<ConnectionLimits>;
}

/**
 * The server's end of one connection: calls are answered one after the other in the order they came. While one is at
 * work reading goes on within the backlog's bound, since a peer that hangs up is noticed only by reading. A peer that
 * does not read its replies is not answered further, and after `stalled` let go.
 */
export class Connection<Peer> {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions<Peer>;
  readonly #limits: ConnectionLimits;
  readonly #framer: Framer;
  readonly #gone = new AbortController();
  #working = false;
  #endless = false;
  #ended = false;
  #deadline: NodeJS.Timeout | undefined;
  #nextLook: NodeJS.Timeout | undefined;

  /** The socket must allow half-open connections. */
  constructor(socket: Socket, options: ConnectionOptions<Peer>) {
    this.#socket = socket;
    this.#options = options;
    this.#limits = { ...connectionLimits, ...options.limits };
    this.#framer = new Framer(this.#limits.message);
    socket.on('data', chunk => this.#read(chunk));
    socket.on('end', () => this.#end());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(this.#deadline);
      clearTimeout(this.#nextLook);
      this.#gone.abort();
    });
  }

  #read(chunk: Buffer): void {
    this.#framer.push(chunk);
    if (!this.#working) void this.#work();
    else if (this.#framer.backlog > this.#limits.backlog) {
      // What waits behind a call that does not end is never answered, and who is not read from cannot hang up.
      if (this.#endless) this.#socket.destroy();
      else this.#socket.pause();
    }
  }

  #end(): void {
    this.#ended = true;
    if (this.#working) this.#look();
    else this.#socket.end();
  }

  #look(): void {
    if (!this.#options.hungUp())
      this.#nextLook = setTimeout(() => this.#look(), this.#limits.finished).unref();
    else {
      // Nobody waits for the answer; calls that came before are done all the same.
      this.#gone.abort();
      if (this.#endless) this.#socket.destroy();
    }
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (!this.#socket.destroyed) {
      const turn = this.#options.share.turn();
      if (turn !== undefined) await turn;
      const call = this.#next();
      if (call === undefined) break;
      if (call instanceof VarlinkError) this.#send(encodeError(call));
      else await this.#answer(call);
      if (this.#socket.writableLength > this.#limits.unsent) await this.#drained();
    }
    this.#working = false;
    clearTimeout(this.#nextLook);
    if (this.#socket.destroyed) return;
    if (this.#ended) this.#socket.end();
    else this.#socket.resume();
    this.#watch();
  }

  /** The next call, the error that is its answer, or undefined when no whole message is there. */
  #next(): CallMessage | VarlinkError | undefined {
    try {
      const text = this.#framer.next();
      return text === undefined ? undefined : parseCall(text);
    } catch (error) {
      if (error instanceof VarlinkError) return error;
      const invalid = invalidParameter('message', error instanceof Error ? error.message : undefined);
      if (!(error instanceof FramingError) || !error.fatal) return invalid;
      // Nothing that follows can be understood: say why, and take no more.
      this.#send(encodeError(invalid));
      if (this.#socket.writableLength === 0) this.#socket.destroySoon();
      else this.#socket.destroy();
      this.#ended = true;
      return undefined;
    }
  }

  async #answer(call: CallMessage): Promise<void> {
    const oneway = call.oneway;
    let reply: string;
    try {
      const result = await this.#options.dispatch({
        ...call,
        more: call.more && !oneway,
        peer: this.#options.peer,
        replies: this.#replies(),
      });
      reply = encodeReply(JSON.stringify(result), false);
    } catch (error) {
      reply = encodeError(error instanceof VarlinkError ? error : this.#options.translate(error, call));
    }
    this.#endless = false;
    if (!oneway) this.#send(reply);
  }

  #replies(): Replies {
    const connection = this;
    return {
      signal: this.#gone.signal,
      get unsent() {
        return connection.#socket.writableLength;
      },
      write: json => this.#send(encodeReply(json, true)),
      writeRaw: messages => this.#send(messages),
      drained: () => this.#drained(),
      endless: () => {
        this.#endless = true;
        if (this.#ended && this.#options.hungUp()) this.#socket.destroy();
      },
    };
  }

  #send(text: string): void {
    if (this.#socket.writable) this.#socket.write(text);
  }

  #drained(): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed || !socket.writableNeedDrain) return Promise.resolve();
    return new Promise(resolve => {
      let left = socket.writableLength;
      // What the peer takes is a new start for the deadline. Who only listens may sleep: it is sent nothing more.
      const stalled = () => {
        if (socket.writableLength >= left && !this.#endless) socket.destroy();
        left = socket.writableLength;
      };
      const timer = this.#endless ? undefined : setInterval(stalled, this.#limits.stalled);
      const done = () => {
        clearInterval(timer);
        socket.off('drain', done);
        socket.off('close', done);
        resolve();
      };
      socket.on('drain', done);
      socket.on('close', done);
    });
  }

  /** Arms the deadline of a message that has begun, once: trickling bytes does not push it back. */
  #watch(): void {
    if (!this.#framer.unfinished) {
      clearTimeout(this.#deadline);
      this.#deadline = undefined;
    } else {
      this.#deadline ??= setTimeout(() => this.#socket.destroy(), this.#limits.unfinished).unref();
    }
  }
}
