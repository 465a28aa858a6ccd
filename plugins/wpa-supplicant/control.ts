import { lstatSync } from 'node:fs';
import { debuglog } from 'node:util';
import { SystemError } from '../../core/base/libc/library.ts';
import { type Datagram, UnixDatagramSocket } from '../../core/base/libc/unix-datagram.ts';
import { type Message, printable, readMessage } from './message.ts';

const trace = debuglog('netconf:wpa');

/** Milliseconds that a supplicant may take to answer, as wpa_cli has it. */
const patience = 10_000;
/** Bytes of a datagram: wpa_supplicant answers with 4096 at most. */
const largest = 16_384;
const mostWaiting = 64;

/** Why nothing can be said to a supplicant. `absent`: there is none. */
export class ControlError extends Error {
  readonly kind: 'absent' | 'hangs' | 'gone' | 'foreign' | 'refused';

  constructor(kind: ControlError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface ControlParts {
  /** The supplicant's control socket. */
  path: string;
  /** Where our own lies while it is open. */
  local: string;
  /** Nobody wants it any more, or it cannot answer: while it is opened. */
  signal?: AbortSignal;
  heard?: (message: Message) => void;
  /** It is gone, or does not answer; told once, and not after `close`. */
  lost?: (why: ControlError) => void;
}

interface Waiting {
  command: string;
  answer: (text: string) => void;
  fail: (error: ControlError) => void;
}

/**
 * The control interface of a supplicant (wpa_ctrl.h): commands with their answers, one at a time, and what it tells of its
 * own accord. Believed is what comes from root, or from our own user, as the kernel says who sent it.
 */
export class Control {
  readonly #parts: ControlParts;
  readonly #socket: UnixDatagramSocket;
  readonly #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Before, `open` says what is wrong. */
  #isOpen = false;
  #closed = false;
  #pid = 0;

  /** Finds out who is there, and listens. Rejects with a {@link ControlError}. */
  static async open(parts: ControlParts): Promise<Control> {
    const control = new Control(parts);
    const abort = () => control.close('has ended');
    parts.signal?.addEventListener('abort', abort, { once: true });
    try {
      if (parts.signal?.aborted) abort();
      const answer = await control.request('PING');
      if (answer !== 'PONG') throw new ControlError('foreign', `${parts.path} answers PING with '${answer}'`);
      if (parts.heard !== undefined) await control.ask('ATTACH');
      control.#isOpen = true;
      return control;
    } catch (error) {
      control.close();
      throw error;
    } finally {
      parts.signal?.removeEventListener('abort', abort);
    }
  }

  private constructor(parts: ControlParts) {
    this.#parts = parts;
    const { path, local } = parts;
    const owner = ownerOf(path);
    if (owner === undefined) throw new ControlError('absent', `no supplicant listens at ${path}`);
    if (!isTrusted(owner)) throw new ControlError('foreign', `${path} belongs to user ${owner}, not to root`);
    try {
      this.#socket = new UnixDatagramSocket(local, path, largest, datagram => this.#received(datagram));
    } catch (error) {
      const absent = error instanceof SystemError && ['ENOENT', 'ECONNREFUSED'].includes(error.errnoName);
      throw new ControlError(absent ? 'absent' : 'foreign', (error as Error).message);
    }
  }

  /** Of the supplicant, as the kernel says. */
  get pid(): number {
    return this.#pid;
  }

  /** What it answers, without the line's end. Rejects with a {@link ControlError}. */
  request(command: string): Promise<string> {
    const { path } = this.#parts;
    return new Promise((answer, fail) => {
      if (this.#closed) fail(new ControlError('gone', `the supplicant at ${path} is gone`));
      else if (this.#waiting.length >= mostWaiting)
        fail(new ControlError('hangs', `too many questions for the supplicant at ${path}`));
      else if (this.#waiting.push({ command, answer, fail }) === 1) this.#send();
    });
  }

  /** A command that is answered with OK. Its first two words are told where it is refused: no values. */
  async ask(command: string): Promise<void> {
    const answer = await this.request(command);
    if (answer === 'OK') return;
    const shown = command.split(' ').slice(0, 2).join(' ');
    throw new ControlError(
      'refused',
      `the supplicant refuses ${shown}: ${printable(answer, 80) || 'no answer'}`,
    );
  }

  /** What waits for an answer is rejected. */
  close(why = 'is left'): void {
    this.#end(new ControlError('gone', `the supplicant at ${this.#parts.path} ${why}`));
  }

  #send(): void {
    const [next] = this.#waiting;
    if (next === undefined || this.#closed) return;
    const { path } = this.#parts;
    trace('%s < %s', path, next.command.replace(/^(SET_NETWORK \d+ \w+) .*/s, '$1 …'));
    this.#timer = setTimeout(
      () => this.#lose(new ControlError('hangs', `the supplicant at ${path} does not answer`)),
      patience,
    ).unref();
    try {
      this.#socket.send(Buffer.from(next.command));
    } catch (error) {
      const hangs = error instanceof SystemError && error.errnoName === 'EAGAIN';
      const reason = hangs ? 'does not read what it is told' : 'is gone';
      this.#lose(new ControlError(hangs ? 'hangs' : 'gone', `the supplicant at ${path} ${reason}`));
    }
  }

  #received({ bytes, pid, uid, truncated }: Datagram): void {
    if (this.#closed || !isTrusted(uid)) return;
    // Bytes as they are: what can be read of them is for others to say.
    const text = bytes.toString('latin1');
    if (text.startsWith('<')) {
      const message = truncated ? undefined : readMessage(text);
      trace('%s > %s', this.#parts.path, printable(text));
      if (message === undefined) return;
      this.#parts.heard?.(message);
      if (message.kind === 'terminating')
        this.#lose(new ControlError('gone', `the supplicant at ${this.#parts.path} has ended`));
      return;
    }
    const waiting = this.#waiting.shift();
    if (waiting === undefined) return;
    clearTimeout(this.#timer);
    this.#pid = pid;
    if (truncated) waiting.fail(new ControlError('refused', `an answer of more than ${largest} bytes`));
    else waiting.answer(text.trimEnd());
    this.#send();
  }

  #lose(why: ControlError): void {
    if (this.#closed) return;
    this.#end(why);
    if (this.#isOpen) this.#parts.lost?.(why);
  }

  /** Whatever it still answers goes nowhere: the next connection has another address. */
  #end(why: ControlError): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket.close();
    for (const { fail } of this.#waiting.splice(0)) fail(why);
  }
}

function ownerOf(path: string): number | undefined {
  try {
    return lstatSync(path).uid;
  } catch {
    return undefined;
  }
}

const isTrusted = (uid: number) => uid === 0 || uid === process.geteuid?.();
