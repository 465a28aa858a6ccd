import { messageOf } from '../base/errors.ts';
import { linkIndex } from '../base/libc/links.ts';
import { UndoStack } from '../base/undo.ts';
import type { DataOf } from '../bus/catalogue.ts';
import type { Event } from '../bus/event.ts';
import type { Declared } from '../plugin/hooks.ts';
import { operateAll } from './all.ts';
import { BootMark } from './boot-mark.ts';
import { BootSettings } from './boot-settings.ts';
import type { Operations } from './operations.ts';
import { linkOf } from './records.ts';
import { renamed } from './renamed.ts';
import { udevSettled } from './udev.ts';

/** Milliseconds that udev may take to name the links: those of the machine, and one that has come. */
const bootSettle = 30_000;
const linkSettle = 3000;
/** Milliseconds: what is declared is looked at again so long after a request, which may be about a changed file. */
const lookAgain = 1000;
const mostRenamed = 1000;

interface HotplugParts {
  operations: Operations;
  /** Configure what is declared, or only tell of links that nothing configures. */
  active: boolean;
  /** @default that of this process: see {@link BootSettings} */
  environment?: NodeJS.ProcessEnv;
}

/**
 * Links that come. One that a source declares as `auto` or `hotplug` is configured, any other published as
 * `interface.found`, for policy and plugins. When the machine starts, all that is `auto` is configured, in parallel; a
 * daemon that is started again leaves everything as it is. An event only says which link to look at: what there is to do
 * is found in the kernel, the records and the sources.
 */
export class Hotplug {
  readonly #operations: Operations;
  readonly #active: boolean;
  readonly #mark: BootMark;
  readonly #settings: BootSettings;
  readonly #undos = new UndoStack();
  /** Links being looked at, each with the event that says to look again. */
  readonly #atWork = new Map<string, { again?: Event }>();
  /** Those that exist when the daemon starts, with their events. */
  readonly #first = new Map<string, Event>();
  /** Names that links had before a source renamed them, each with its link's index. */
  readonly #renamed = new Set<string>();
  #declared: readonly Declared[] = [];
  #looking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running = false;

  constructor({ operations, active, environment = process.env }: HotplugParts) {
    this.#operations = operations;
    this.#active = active;
    this.#mark = new BootMark(operations.parts.records);
    this.#settings = new BootSettings(environment);
    const { bus } = operations.parts;
    this.#undos.push(bus.on('link.added', 'netconfd', event => this.#came(event.data.new, event as never)));
    this.#undos.push(bus.on('link.renamed', 'netconfd', event => this.#came(event.data.new, event as never)));
    this.#undos.push(bus.on('interface.configured', 'netconfd', event => this.#wasReplaced(event as never)));
    for (const name of ['request.ifup', 'request.ifdown', 'daemon.reloaded'])
      this.#undos.push(bus.on(name, 'netconfd', () => this.#lookLater()));
  }

  /** What sources declare, as of the latest look. */
  get declared(): readonly Declared[] {
    return this.#declared;
  }

  /** Looks at the sources, and begins to follow links. Configures nothing yet. */
  async start(): Promise<void> {
    await this.#look();
    this.#running = true;
  }

  /**
   * At the start of the machine: configures what is `auto`, and what has come already. At the start of another daemon:
   * only what has become another link meanwhile. Resolves when all of that is done, false where it could not be, or is not
   * to be; never rejects.
   */
  async boot(): Promise<boolean> {
    const { records, log } = this.#operations.parts;
    const first = [...this.#first];
    this.#first.clear();
    if (!this.#active) return false;
    if (this.#mark.isSet) {
      const others = first.filter(([name]) => {
        const record = records.read(name);
        return record !== undefined && records.belief(record) === 'replaced';
      });
      await Promise.all(others.map(([name, event]) => this.#consider(name, event)));
      return this.#running;
    }
    try {
      await udevSettled(bootSettle);
      await this.#look();
      const isAuto = (name: string) => this.#declaredOn(name).some(({ classes }) => classes.includes('auto'));
      const rest = first.filter(([name]) => !isAuto(name));
      const { exclude } = this.#settings;
      const auto = { class: 'auto', exclude, ask: { options: { class: 'auto' } } };
      const all = operateAll(this.#operations, 'ifup', auto);
      await Promise.all([all, ...rest.map(([name, event]) => this.#consider(name, event))]);
      if (this.#running) this.#mark.set();
    } catch (error) {
      log.error(`the interfaces of the start: ${messageOf(error)}`);
      return false;
    }
    return this.#running;
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#timer);
    for (const error of this.#undos.run()) this.#operations.parts.log.error(messageOf(error));
  }

  #came(link: DataOf<'link.added'>['new'], event: Event): void {
    if (link.flags.includes('LOOPBACK')) return;
    if (this.#running) void this.#consider(link.ifname, event);
    else this.#first.set(link.ifname, event);
  }

  /** Another link may have taken the place of one while that was being configured. */
  #wasReplaced(event: Event): void {
    const { records } = this.#operations.parts;
    const record = event.interface === undefined ? undefined : records.read(event.interface);
    if (this.#running && record !== undefined && records.belief(record) === 'replaced')
      void this.#consider(linkOf(record.interface), event);
  }

  /** Looks at a link, and once more when it is poked meanwhile. Never rejects. */
  async #consider(name: string, event: Event): Promise<void> {
    const atWork = this.#atWork.get(name);
    if (atWork !== undefined) {
      atWork.again = event;
      return;
    }
    const poked: { again?: Event } = {};
    this.#atWork.set(name, poked);
    for (let poke: Event | undefined = event; poke !== undefined && this.#running; poke = poked.again) {
      delete poked.again;
      try {
        await this.#decide(name, poke);
      } catch (error) {
        this.#operations.parts.log.error(`${name}: ${messageOf(error)}`);
      }
    }
    this.#atWork.delete(name);
  }

  async #decide(name: string, event: Event): Promise<void> {
    await udevSettled(linkSettle);
    // By another name it comes again.
    if (this.#active && (await this.#rename(name))) return;
    const ifindex = linkIndex(name);
    // Gone again, or named otherwise meanwhile: there is another event for that.
    if (ifindex === undefined || this.#isOurs(name)) return;
    await this.#lookTogether();
    const on = this.#declaredOn(name);
    const wanted = this.#active ? on.filter(({ classes }) => classOf(classes) !== undefined) : [];
    if (wanted.length === 0) {
      const reason = on.length === 0 ? 'no source declares it' : 'declared neither auto nor allow-hotplug';
      const data = { reason };
      this.#operations.parts.bus.publish('interface.found', {
        source: 'daemon',
        interface: name,
        ifindex,
        cause: event,
        data,
      });
    }
    for (const { interface: each, logical, classes } of wanted) {
      await this.#operations.operate('ifup', {
        interface: each,
        // The interface's own name may be mapped; another one is what the file says.
        logical: logical === each ? undefined : logical,
        options: { class: classOf(classes)! },
        ifindex,
        cause: event,
      });
    }
  }

  /** Renames the link where a source says so; each name of a link once, so that two rules do not do it for ever. */
  async #rename(name: string): Promise<boolean> {
    const link = `${linkIndex(name)} ${name}`;
    if (this.#renamed.has(link)) return false;
    const { parts } = this.#operations;
    const [now = name] = await renamed(parts, [name], { request: 'ifup', act: 'these' });
    if (now === name) return false;
    if (this.#renamed.size >= mostRenamed) this.#renamed.clear();
    this.#renamed.add(link);
    return true;
  }

  /** Made or configured by an operation: nothing is to be done about it. */
  #isOurs(name: string): boolean {
    const { records } = this.#operations.parts;
    const record = records.read(name);
    if (record === undefined || records.belief(record) !== 'agrees') return false;
    return record.state === 'configuring' || record.state === 'configured';
  }

  /** Declared interfaces that stand on this link: its own, and aliases. */
  #declaredOn(name: string): Declared[] {
    return this.#declared.filter(one => linkOf(one.interface) === name);
  }

  async #look(): Promise<void> {
    const declared = await this.#operations.parts.hooks.call('declared', [], {});
    this.#declared = this.#settings.apply(declared ?? []);
  }

  /** One look for all links that have come by the next turn of the loop: hundreds, when the machine starts. */
  #lookTogether(): Promise<void> {
    this.#looking ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        this.#looking = undefined;
        this.#look().then(resolve, reject);
      });
    });
    return this.#looking;
  }

  #lookLater(): void {
    if (this.#timer !== undefined || !this.#running) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#look().catch(error => this.#operations.parts.log.error(messageOf(error)));
    }, lookAgain);
    this.#timer.unref();
  }
}

/** What scripts see as CLASS; undefined for what only somebody who asks for it configures. */
function classOf(classes: readonly string[]): string | undefined {
  return ['hotplug', 'auto'].find(each => classes.includes(each));
}
