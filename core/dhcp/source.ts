import { join } from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { startId } from '../base/start-id.ts';
import type { Undo } from '../base/undo.ts';
import type { Bus } from '../bus/bus.ts';
import type { EventFields } from '../bus/event.ts';
import type { DhcpReport, Lease } from '../bus/lease.ts';
import { Inbox } from './inbox.ts';
import { LeaseFiles } from './lease-files.ts';
import { Ledger } from './ledger.ts';
import { readRecord } from './read.ts';
import type { Record } from './record.ts';

export interface DhcpSourceOptions {
  bus: Bus;
  /** Holds `dhcp`, where the report script writes, and `leases`. */
  run: string;
  log: Log;
  /** The index of the link that has this name now. */
  indexOf: (link: string) => number | undefined;
  /** Leaves the records of other interfaces to whom they concern. @default all are read */
  wants?: (link: string) => boolean;
}

/**
 * The source of `dhcp.*` events: turns what DHCP clients tell through the report script into one vocabulary, and knows
 * what each interface holds.
 */
export class DhcpSource {
  readonly counters = { dhcpRecords: 0, dhcpIgnored: 0 };
  readonly #options: DhcpSourceOptions;
  readonly #files: LeaseFiles;
  readonly #ledger: Ledger;
  readonly #inbox: Inbox;
  #off: Undo = () => undefined;

  constructor(options: DhcpSourceOptions) {
    this.#options = options;
    this.#files = new LeaseFiles(join(options.run, 'leases'), options.log);
    this.#ledger = new Ledger(this.#files);
    this.#inbox = new Inbox({
      directory: join(options.run, 'dhcp'),
      log: options.log,
      take: (record, written, name) => this.#take(record, written, name),
      ignored: () => {
        this.counters.dhcpIgnored++;
      },
    });
  }

  /**
   * Publishes what is held already, then what lies there, then what comes. Where that is impossible the log says so, and
   * the daemon goes on without it.
   */
  start(): void {
    const { bus, log, indexOf } = this.#options;
    for (const { on, lease } of this.#files.read()) {
      if (indexOf(on) !== undefined) this.#ledger.restore(on, lease);
      else this.#files.keep(on, lease.family, undefined);
    }
    for (const { name, fields } of this.replay()) bus.publish(name, fields);
    this.#off = bus.on('link.removed', 'dhcp', event => {
      if (event.interface !== undefined) this.#ledger.forget(event.interface);
    });
    try {
      this.#inbox.start();
    } catch (error) {
      log.error(`dhcp: DHCP clients are not heard: ${messageOf(error)}`);
    }
  }

  /** Looks once more at what others might have wanted. */
  again(): void {
    this.#inbox.again();
  }

  stop(): void {
    this.#off();
    this.#inbox.stop();
  }

  /** What an interface holds, of each family. */
  leases(on: string): Lease[] {
    return (['inet', 'inet6'] as const).flatMap(family => this.#ledger.of(on, family) ?? []);
  }

  /** What is held, as the events that told so. */
  *replay(): Iterable<{ name: 'dhcp.bound'; fields: Omit<EventFields, 'data'> & { data: DhcpReport } }> {
    for (const { on, family, lease } of this.#ledger.all()) {
      const { client, pid } = lease;
      const data = { family, client, reason: 'replay', ...(pid !== undefined && { pid }), lease };
      const ifindex = this.#options.indexOf(on);
      yield { name: 'dhcp.bound', fields: { source: 'dhcp', interface: on, ifindex, replayed: true, data } };
    }
  }

  /** False: it is left for another process. */
  #take(record: Record, written: number, name: string): boolean {
    const { wants } = this.#options;
    if (wants?.(record.variables.get('interface') ?? '') === false) return false;
    this.counters.dhcpRecords++;
    this.#tell(record, written, name);
    return true;
  }

  #tell(record: Record, written: number, name: string): void {
    const { bus, log, indexOf } = this.#options;
    if (record.start !== '' && record.start !== startId()) {
      this.counters.dhcpIgnored++;
      log.warning(
        `dhcp: record ${name} is ignored: its client runs in another network namespace, or ran before the start`,
      );
      return;
    }
    const told = readRecord(record, Math.round(written));
    if (told === undefined) return;
    if (typeof told === 'string') {
      this.counters.dhcpIgnored++;
      log.warning(`dhcp: record ${name} is ignored: ${told}`);
      return;
    }
    const { name: event, report } = this.#ledger.take(told);
    const { interface: on } = told;
    for (const { option, reason } of told.refused)
      log.warning(`dhcp: ${on}: ${option} is refused: ${reason}`);
    bus.publish(event, { source: 'dhcp', interface: on, ifindex: indexOf(on), data: report });
  }
}
