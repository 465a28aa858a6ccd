import { constants } from 'node:os';
import { messageOf } from './errors.ts';
import { sendDatagram } from './libc/datagram.ts';
import { SystemError } from './libc/library.ts';
import { debug } from './log.ts';
import type { Undo } from './undo.ts';

const trace = debug('notify');

/** Messages that may wait for a service manager whose queue is full, and for how long in milliseconds. */
const longestQueue = 16;
const patience = 5000;
const pause = 50;

/**
 * Tells the service manager how the service is: the protocol of sd_notify(3), for `Type=notify` and
 * `Type=notify-reload`. Without `NOTIFY_SOCKET` every call does nothing; a socket that is gone or broken is only
 * traced (`NODE_DEBUG=netconf:notify`), for a service manager in trouble must not pull the network down with it.
 * Messages arrive in order.
 */
export class Notifier {
  readonly #socket: string | undefined;
  readonly #watchdog: number | undefined;
  readonly #waiting: { message: Buffer; since: number }[] = [];

  /** @param environment of the process: `NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID` */
  constructor(environment: NodeJS.ProcessEnv = process.env) {
    const socket = environment.NOTIFY_SOCKET;
    this.#socket = socket !== undefined && /^[@/]./.test(socket) ? socket : undefined;
    this.#watchdog = this.#socket === undefined ? undefined : watchdogInterval(environment);
  }

  /** Whether a service manager listens at all. */
  get active(): boolean {
    return this.#socket !== undefined;
  }

  /** Milliseconds within which the service manager wants a sign of life; undefined when it wants none. */
  get watchdog(): number | undefined {
    return this.#watchdog;
  }

  /** Start-up, or a reload, is finished. */
  ready(status?: string): void {
    this.#send(['READY=1', ...statusLine(status)]);
  }

  /** A reload begins; `ready` ends it. */
  reloading(status?: string): void {
    // process.hrtime reads CLOCK_MONOTONIC, which is the clock that systemd compares with.
    const now = process.hrtime.bigint() / 1000n;
    this.#send(['RELOADING=1', `MONOTONIC_USEC=${now}`, ...statusLine(status)]);
  }

  stopping(status?: string): void {
    this.#send(['STOPPING=1', ...statusLine(status)]);
  }

  /** One line for `systemctl status`. */
  status(text: string): void {
    this.#send(statusLine(text));
  }

  /** A sign of life twice per interval, until undone. Where nobody asked for one there is no timer. */
  startWatchdog(): Undo {
    if (this.#watchdog === undefined) return () => {};
    this.#send(['WATCHDOG=1']);
    const timer = setInterval(() => this.#send(['WATCHDOG=1']), this.#watchdog / 2);
    timer.unref();
    return () => clearInterval(timer);
  }

  #send(lines: string[]): void {
    if (this.#socket === undefined) return;
    if (this.#waiting.length >= longestQueue) this.#waiting.shift();
    this.#waiting.push({ message: Buffer.from(lines.join('\n')), since: performance.now() });
    if (this.#waiting.length === 1) this.#flush(this.#socket);
  }

  #flush(socket: string): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      try {
        sendDatagram(socket, next.message);
      } catch (error) {
        const full = error instanceof SystemError && error.errno === constants.errno.EAGAIN;
        if (full && performance.now() - next.since < patience) {
          setTimeout(() => this.#flush(socket), pause).unref();
          return;
        }
        trace(messageOf(error));
      }
      this.#waiting.shift();
    }
  }
}

/** sd_watchdog_enabled(3): only for this process, and only a positive number. */
function watchdogInterval(environment: NodeJS.ProcessEnv): number | undefined {
  const { WATCHDOG_USEC: microseconds, WATCHDOG_PID: pid } = environment;
  if (pid !== undefined && pid !== String(process.pid)) return undefined;
  if (microseconds === undefined || !/^\d{1,15}$/.test(microseconds)) return undefined;
  const milliseconds = Number(microseconds) / 1000;
  // A Node timer counts in 31 bits.
  return milliseconds >= 2 ? Math.min(milliseconds, 2 ** 31 - 1) : undefined;
}

function statusLine(text: string | undefined): string[] {
  return text === undefined ? [] : [`STATUS=${text.replace(/[\x00-\x1f\x7f]+/g, ' ').slice(0, 1024)}`];
}
