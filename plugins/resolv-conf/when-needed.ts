import type { Netconf } from 'netconf/plugin';
import { isMount, isOfThisMachine } from './namespace.ts';
import { Service } from './service.ts';
import type { Options } from './settings.ts';

/** Name service from the moment on in which somebody says something of it: a start that has nothing to do costs nothing. */
export class WhenNeeded {
  readonly #netconf: Netconf<Options>;
  #service: Service | undefined;
  #acts: boolean | undefined;

  constructor(netconf: Netconf<Options>) {
    this.#netconf = netconf;
  }

  /** Undefined where it has not been needed yet: then nothing is known that could change. */
  get begun(): Service | undefined {
    return this.#service;
  }

  /** Undefined where it must not act. What an earlier process has left is taken over first. */
  get service(): Service | undefined {
    if (this.#service !== undefined || !this.acts) return this.#service;
    this.#service = new Service(this.#netconf);
    this.#service.start();
    return this.#service;
  }

  /** Lets go; nothing begins any more. */
  release(): void {
    this.#acts = false;
    this.#service?.release();
  }

  /**
   * May it act? In a network namespace of its own the usual file is the machine's, unless it is mounted there for the
   * namespace (ip-netns(8)); and who is not root changes nothing. A file that the configuration names is meant.
   */
  get acts(): boolean {
    this.#acts ??=
      this.#netconf.options.file !== undefined ||
      (process.getuid?.() === 0 && (isOfThisMachine() || isMount('/etc/resolv.conf')));
    return this.#acts;
  }
}
