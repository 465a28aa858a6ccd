import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { type Event, variablesOf } from 'netconf/plugin';
import { writePrivate } from '../../core/base/private-file.ts';
import type { Answer, Bus, Method } from './bus.ts';
import { endedBy, environmentFile, targetOf } from './units.ts';

export const systemdName = 'org.freedesktop.systemd1';

const manager = {
  destination: systemdName,
  path: '/org/freedesktop/systemd1',
  interface: 'org.freedesktop.systemd1.Manager',
};
const startUnit: Method = { ...manager, member: 'StartUnit' };
const stopUnit: Method = { ...manager, member: 'StopUnit' };

/** Files of variables that are kept; those of the events longest ago go first. */
const mostFiles = 512;

/** Starts the target of an event, after it has stopped those that the event ends; waits for no job. */
export class Systemd {
  readonly #bus: Bus;
  readonly #directory: string;
  readonly #files = new Set<string>();

  /** @param run where runtime files lie; variables are in `events/` there */
  constructor(bus: Bus, run: string) {
    this.#bus = bus;
    this.#directory = `${run}/events`;
  }

  async emit(event: Event): Promise<Answer> {
    const unit = targetOf(event.name, event.interface);
    if (unit === undefined)
      return { ok: false, kind: 'refused', text: 'the name of its target would be too long' };
    for (const ended of endedBy(event)) {
      const other = targetOf(ended, event.interface);
      const stopped = other === undefined ? undefined : await this.#call(stopUnit, other);
      if (stopped?.ok === false) return stopped;
    }
    this.#write(unit, event);
    return this.#call(startUnit, unit);
  }

  /** A target that nobody has made is one that nobody waits for. */
  async #call(method: Method, unit: string): Promise<Answer> {
    const answer = await this.#bus.call(method, 'ss', unit, 'replace');
    return !answer.ok && /NoSuchUnit|Unit \S+ (not found|not loaded)/.test(answer.text)
      ? { ok: true, text: '' }
      : answer;
  }

  /** For `EnvironmentFile=-/run/netconf/events/netconf-link.up@%i.env`. Throws a SystemError. */
  #write(unit: string, event: Event): void {
    const name = unit.replace(/\.target$/, '.env');
    if (this.#files.size === 0) this.#begin();
    this.#files.delete(name);
    this.#files.add(name);
    const { PATH: _, ...variables } = variablesOf(event);
    writePrivate(`${this.#directory}/${name}`, environmentFile(variables));
    for (const oldest of this.#files) {
      if (this.#files.size <= mostFiles) break;
      this.#files.delete(oldest);
      rmSync(`${this.#directory}/${oldest}`, { force: true });
    }
  }

  /** What a daemon of before has left counts, too. */
  #begin(): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(this.#directory)) if (name.endsWith('.env')) this.#files.add(name);
  }
}
