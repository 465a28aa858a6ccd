import { existsSync, readFileSync } from 'node:fs';
import { failureOf, type Netconf } from 'netconf/plugin';
import { writePrivate } from '../../../core/base/private-file.ts';

/** Modules that nft does not ask for by itself: FTP's data connections under another address. */
const modules = 'nf_conntrack_ftp nf_nat_ftp';

export type Outcome = { failure: string } | { failure?: undefined; lines: string[] };

/** The method `firewall`, with documents handed over in files: a rule set is larger than an environment may be. */
export class Method {
  readonly #netconf: Pick<Netconf, 'runMethod' | 'paths'>;

  constructor(netconf: Pick<Netconf, 'runMethod' | 'paths'>) {
    this.#netconf = netconf;
  }

  /** Has a table been put in force, or tried to, and not been taken away? */
  get hasActed(): boolean {
    return existsSync(this.#handle);
  }

  /** Did that work? */
  get isInForce(): boolean {
    return this.hasActed && /^\+ table \d/m.test(readFileSync(this.#handle, 'utf8'));
  }

  get #handle(): string {
    return `${this.#netconf.paths.run}/interfaces/all.d/firewall`;
  }

  get directory(): string {
    return `${this.#netconf.paths.run}/firewall`;
  }

  /** Puts a table in force, with settings of the kernel. */
  apply(document: string, settings: Readonly<Record<string, number>>): Promise<Outcome> {
    return this.#run('up', {
      FIREWALL_TABLE: this.#write('table.json', document),
      FIREWALL_SETTINGS: Object.entries(settings)
        .map(([name, value]) => `${name} ${value}`)
        .join('\n'),
      FIREWALL_MODULES: modules,
    });
  }

  /** Puts other elements into the sets of the table. */
  update(document: string): Promise<Outcome> {
    return this.#run('up', { FIREWALL_ELEMENTS: this.#write('elements.json', document) });
  }

  /** Would the kernel take this? Changes nothing. */
  check(document: string): Promise<Outcome> {
    return this.#run('query', { FIREWALL_CHECK: this.#write('check.json', document) });
  }

  /** Lines of `ip -o address show` for these links. */
  async addresses(links: readonly string[]): Promise<string[]> {
    const outcome = await this.#run('query', { FIREWALL_LINKS: links.join(' ') });
    return outcome.failure === undefined ? outcome.lines : [];
  }

  /** `ip -o route get` for these addresses, each line with the address before it. */
  async routes(addresses: readonly string[]): Promise<string[]> {
    const outcome = await this.#run('query', { FIREWALL_ROUTES: addresses.join(' ') });
    return outcome.failure === undefined ? outcome.lines : [];
  }

  /** Takes the table away, and puts the settings back. */
  remove(): Promise<Outcome> {
    return this.#run('down', {});
  }

  async #run(mode: 'up' | 'down' | 'query', environment: Record<string, string>): Promise<Outcome> {
    const run = await this.#netconf.runMethod('firewall', {
      mode,
      interface: 'all',
      handle: 'firewall',
      environment,
      deadline: 25,
    });
    const lines = run.output.split('\n').filter(line => line.trim() !== '');
    const failure = failureOf(run);
    if (failure === undefined) return { lines };
    return { failure: (run.status !== null && lines.join('\n').slice(0, 2000)) || failure };
  }

  #write(name: string, text: string): string {
    const path = `${this.directory}/${name}`;
    writePrivate(path, text);
    return path;
  }
}
