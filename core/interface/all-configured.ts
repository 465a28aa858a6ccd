import { messageOf } from '../base/errors.ts';
import { log } from '../base/log.ts';
import type { Undo } from '../base/undo.ts';
import type { Event } from '../bus/event.ts';
import type { Declared } from '../plugin/hooks.ts';
import { BootMark } from './boot-mark.ts';
import type { OperationParts } from './parts.ts';

/**
 * Tells once, for each start of the machine, that everything that is `auto` is configured: what waits for the network
 * as it is declared begins then.
 */
export class AllConfigured {
  readonly #parts: OperationParts;
  readonly #declared: () => readonly Declared[];
  readonly #mark: BootMark;
  #off: Undo | undefined;

  constructor(parts: OperationParts, declared: () => readonly Declared[]) {
    this.#parts = parts;
    this.#declared = declared;
    this.#mark = new BootMark(parts.records, '.all-configured');
  }

  /** Looks, and again whenever an interface has been configured, until it could be told. */
  begin(): void {
    if (this.#mark.isSet) return;
    this.#off = this.#parts.bus.on('interface.configured', 'netconfd', event => this.#look(event as Event));
    this.#look();
  }

  stop(): void {
    this.#off?.();
  }

  #look(cause?: Event): void {
    const { records, bus } = this.#parts;
    const auto = this.#declared().filter(({ classes }) => classes.includes('auto'));
    const names = auto.map(one => one.interface);
    const isUp = (name: string) => {
      const record = records.read(name);
      return record?.state === 'configured' && records.belief(record) === 'agrees';
    };
    if (names.length === 0 || !names.every(isUp)) return;
    this.stop();
    try {
      this.#mark.set();
    } catch (error) {
      log('interfaces').warning(`a daemon that is started anew will tell it again: ${messageOf(error)}`);
    }
    bus.publish('interface.all-configured', { source: 'daemon', cause, data: { interfaces: names } });
  }
}
