import type { Netconf } from 'netconf/plugin';
import { isMount, isOfThisMachine } from './namespace.ts';
import { Service } from './service.ts';
import type { Options } from './settings.ts';

/** Name service from the moment on in which somebody says something of it: a start that has nothing to do costs nothing. */
export class WhenNeeded {
  readonly #netconf: Netconf<Options>;
  #service: Service | undefined;
  #rests: string | false | undefined;
  #hasSaid = false;

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

  /** As {@link service}, for somebody who has something to say of name service: says once why nothing comes of it. */
  get wanted(): Service | undefined {
    if (this.rests !== undefined && !this.#hasSaid) this.#netconf.log.notice(this.rests);
    this.#hasSaid = true;
    return this.service;
  }

  /** Lets go; nothing begins any more. */
  release(): void {
    this.#hasSaid = true;
    this.#rests = 'it is unloaded';
    this.#service?.release();
  }

  get acts(): boolean {
    return this.rests === undefined;
  }

  /**
   * A sentence why it must not act; undefined where it may. In a network namespace of its own the usual file is the machine's, unless it is mounted there for the
   * namespace (ip-netns(8)); and who is not root changes nothing. A file that the configuration names is meant.
   */
  get rests(): string | undefined {
    this.#rests ??= this.#netconf.options.file === undefined && whyNot();
    return this.#rests || undefined;
  }
}

function whyNot(): string | false {
  if (process.getuid?.() !== 0) return 'name service is left alone: only root changes it';
  if (isOfThisMachine() || isMount('/etc/resolv.conf')) return false;
  return "name service is left alone: in this network namespace /etc/resolv.conf is the machine's; /etc/netns/NAME/resolv.conf (ip-netns(8)) or the option file names another";
}
