import { isatty } from 'node:tty';
import { visible } from '../../core/base/terminal.ts';
import type { OperationProgress } from '../../core/control/api.ts';
import { type Say, toBytes } from './say.ts';

/** What phases are called for people. */
const words: Readonly<Record<string, string>> = {
  wait: 'waiting',
  source: 'looking it up',
  prerequisite: 'prerequisite',
  create: 'creating',
  preUp: 'pre-up',
  postUp: 'up',
  preDown: 'down',
  postDown: 'post-down',
  destroy: 'removing',
  retry: 'trying again',
  undo: 'undoing',
};

/** Shows what an operation is at: with `-v` line by line, on a terminal in one line that is overwritten, else not. */
export class ProgressLine {
  readonly #say: Say;
  readonly #verbose: boolean;
  readonly #terminal = isatty(2) && process.env.TERM !== 'dumb';
  #shown = false;

  constructor(say: Say, verbose: boolean) {
    this.#say = say;
    this.#verbose = verbose;
  }

  show({ interface: iface, phase, step, stanza, message }: OperationProgress): void {
    if (!this.#verbose && !this.#terminal) return;
    const what = phase === 'step' && step !== undefined ? step : (words[phase] ?? phase);
    const detail = [stanza === undefined ? '' : ` (${stanza})`, message === undefined ? '' : `: ${message}`];
    const text = visible(`${iface}: ${what}${detail.join('')}`);
    if (this.#verbose) {
      this.#say.warn(toBytes(text));
      return;
    }
    this.#say.raw(`\r\x1b[K${toBytes(text.slice(0, (process.stderr.columns || 80) - 1))}`);
    this.#shown = true;
  }

  /** Takes the line away before something else is said. */
  clear(): void {
    if (this.#shown) this.#say.raw('\r\x1b[K');
    this.#shown = false;
  }
}
