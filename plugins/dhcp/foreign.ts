import { type DhcpReport, type Event, failureOf, type Netconf } from 'netconf/plugin';
import { isAlive } from '../../core/base/processes.ts';
import { environmentOf } from './apply.ts';

/** Clients that change nothing by themselves: without somebody who applies their leases, they have none. */
const applyNothing: ReadonlySet<string> = new Set(['dhclient', 'udhcpc']);

/**
 * Leases of clients that others have started with netconf's report script: applied, and taken back, as those of our own,
 * under the same handle, so that a later `ifup` or `ifdown` knows what there is.
 */
export class Foreign {
  readonly #netconf: Netconf<unknown>;
  /** What was applied, by interface and family. */
  readonly #applied = new Map<string, string>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(netconf: Netconf<unknown>) {
    this.#netconf = netconf;
  }

  heard(event: Event<DhcpReport>): void {
    const { interface: on, data } = event;
    const { lease, family, client, pid } = data;
    if (on === undefined || event.name === 'dhcp.preinit' || !applyNothing.has(client)) return;
    const key = `${on} ${family}`;
    if (lease === undefined && !this.#applied.has(key)) return;
    // The last word of a client that is gone: of one of ours, too, that was ended meanwhile.
    if (lease !== undefined && (pid === undefined || !isAlive(pid))) return;
    const settings = {
      interface: on,
      family,
      method: 'dhcp',
      logical: on,
      timeout: 0,
      prefix: false,
      options: {},
    };
    const environment = lease === undefined ? undefined : environmentOf(settings, lease);
    const text = JSON.stringify(environment);
    if (environment !== undefined && (environment.IF_ADDRESS === '' || this.#applied.get(key) === text))
      return;
    if (environment === undefined) this.#applied.delete(key);
    else this.#applied.set(key, text);
    this.#turn = this.#turn.then(async () => {
      const run = await this.#netconf.runMethod('static', {
        mode: environment === undefined ? 'down' : 'up',
        interface: on,
        handle: `${family}-dhcp-static`,
        environment: environment ?? { FAMILY: family, METHOD: 'dhcp', LOGICAL: on },
      });
      const failure = failureOf(run);
      if (failure !== undefined) this.#netconf.log.error(`${on}: the lease of ${client}: ${failure}`);
    });
  }
}
