import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { failureOf, type Netconf, type Operation, type Stanza } from 'netconf/plugin';

/** Options that the method `link-extras` sees to. */
const ofLinks = ['arp', 'allmulti', 'bandwidth'];

/**
 * What a stanza can want of a link beside addresses: the options `arp`, `allmulti` and `bandwidth` of any source, and
 * `ways`, routes that wait until the link has an address. Done when the step is, taken back before it is.
 */
export class Extras {
  readonly #netconf: Netconf;

  constructor(netconf: Netconf) {
    this.#netconf = netconf;
  }

  tap(): void {
    const { hooks } = this.#netconf;
    const name = 'arp, allmulti, bandwidth, routes';
    hooks.postUp.tapPromise({ name, stage: -50 }, operation => this.#up(operation));
    hooks.preDown.tapPromise({ name, stage: 50 }, operation => this.#down(operation));
  }

  /** Routes of a stanza whose link has been given an address. */
  async addWays(on: string, stanza: Stanza): Promise<void> {
    await this.#run('ways', 'up', { interface: on, stanza });
  }

  async #up(operation: Operation): Promise<void> {
    if (operation.stanza.family === 'meta') return;
    if (isAsked(operation.stanza, ofLinks) || this.#has('link-extras', operation))
      await this.#run('link-extras', 'up', operation);
    const wanted = isAsked(operation.stanza, ['ways']);
    // Without an address there is no way yet: it comes with the address.
    if (wanted ? hasAddress(operation.interface, operation.stanza.family) : this.#has('ways', operation))
      await this.#run('ways', 'up', operation);
  }

  async #down(operation: Operation): Promise<void> {
    for (const method of ['ways', 'link-extras'])
      if (this.#has(method, operation)) await this.#run(method, 'down', operation);
  }

  async #run(
    method: string,
    mode: 'up' | 'down',
    about: Operation | { interface: string; stanza: Stanza },
  ): Promise<void> {
    const { stanza, interface: on } = about;
    const environment = Object.fromEntries(
      [...ofLinks, 'ways'].flatMap(option => {
        const values = stanza.options.filter(([name]) => name === option).map(([, value]) => value);
        return values.length === 0 ? [] : [[`IF_${option.toUpperCase()}`, values.join('\n')]];
      }),
    );
    const run = await this.#netconf.runMethod(method, {
      mode,
      interface: on,
      handle: handleOf(method, stanza),
      environment: { FAMILY: stanza.family, METHOD: stanza.method, ...environment },
      ...('event' in about && { operation: about }),
    });
    const failure = failureOf(run);
    if (failure === undefined) return;
    throw new Error(run.output.trimEnd().split('\n').at(-1) || failure);
  }

  /** Has the method added something that it keeps a handle of? */
  #has(method: string, { interface: on, stanza }: Operation): boolean {
    return existsSync(`${this.#netconf.paths.run}/interfaces/${on}.d/${handleOf(method, stanza)}`);
  }
}

export function isAsked({ options }: Stanza, names: readonly string[]): boolean {
  return options.some(([name]) => names.includes(name));
}

/** Has the link an address of the family that is more than the link's own? */
export function hasAddress(on: string, family: string): boolean {
  const wanted = family === 'inet6' ? 'IPv6' : 'IPv4';
  return (networkInterfaces()[on] ?? []).some(
    each => each.family === wanted && !each.address.startsWith('fe80:'),
  );
}

function handleOf(method: string, { family, method: kind, nth }: Stanza): string {
  const name = `${method}-${family}-${kind}`.replaceAll(/[^A-Za-z0-9_.:-]/g, '_').slice(0, 90);
  return nth === undefined ? name : `${name}-${nth}`;
}
