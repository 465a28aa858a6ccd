import type { Log } from 'netconf/plugin';

/** Sentences that are remembered as told. */
const most = 256;
/** Sentences within a minute about what came: whoever sends is to fill no log. */
const mostInMinute = 32;
const minuteMs = 60_000;

/** Says each thing once: leases are renewed and routers advertise without end, and a full disk stays full. */
export class Teller {
  readonly #log: Log;
  readonly #told = new Set<string>();
  #minute = 0;
  #count = 0;
  #failure: string | undefined;
  #state: string | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** A warning about something that came. */
  once(sentence: string): void {
    if (this.#told.has(sentence)) return;
    if (this.#told.size >= most) this.#told.clear();
    this.#told.add(sentence);
    const minute = Math.floor(Date.now() / minuteMs);
    if (minute !== this.#minute) this.#count = 0;
    this.#minute = minute;
    if (++this.#count <= mostInMinute) this.#log.warning(sentence);
    else if (this.#count === mostInMinute + 1)
      this.#log.warning('what else comes within this minute is not named');
  }

  /** A state that lasts: said when it begins, and again when there was another one in between. */
  state(sentence: string | undefined): void {
    if (sentence !== undefined && sentence !== this.#state) this.#log.warning(sentence);
    this.#state = sentence;
  }

  failed(sentence: string): void {
    if (sentence !== this.#failure) this.#log.error(`name service is as it was: ${sentence}`);
    this.#failure = sentence;
  }

  /** It works; said only where it had not. */
  well(): void {
    if (this.#failure !== undefined) this.#log.notice('name service is in force again');
    this.#failure = undefined;
  }
}
