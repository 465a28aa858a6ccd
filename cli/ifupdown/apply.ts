import {
  addDefaults,
  type Circumstances,
  commandLines,
  convert,
  type Subject,
} from '../../plugins/interfaces/debian/commands.ts';
import { methodOf } from '../../plugins/interfaces/debian/families.ts';
import { link } from '../../plugins/interfaces/debian/link.ts';
import type { Step } from '../../plugins/interfaces/debian/method.ts';
import { fnmatch } from '../../plugins/interfaces/match/fnmatch.ts';
import type { InterfaceStanza } from '../../plugins/interfaces/parse/model.ts';
import { commandOptions, Options } from '../../plugins/interfaces/parse/options.ts';
import type { World } from './select.ts';

/** What came of a stanza: `unusable` lacks an option that its method must have. */
export type Applied = 'done' | 'failed' | 'unusable';

/** Which scripts and options belong to which moment; ifup(8). */
type Directory = 'pre-up' | 'up' | 'down' | 'post-down';

/**
 * The command lines that ifupdown runs for one stanza, in its order, given to `world.run`. A line that fails ends the
 * stanza, unless errors are ignored.
 */
export class Application {
  readonly #world: World;
  readonly #circumstances: Circumstances;

  constructor(world: World) {
    this.#world = world;
    this.#circumstances = {
      all: world.line.all,
      noAct: world.line.noActCommands,
      ownLoopback: world.interfaces.ownLoopback,
      path: process.env.PATH,
    };
  }

  /** Gives a stanza's options the form that commands and `ifquery` show: defaults, `-o`, conversions. */
  prepare(iface: string, { name, family, method, options }: InterfaceStanza): Subject {
    const kind = methodOf(family, method);
    addDefaults(kind, options);
    for (const { name, value } of this.#world.line.set) {
      if (value !== '') options.set(name, value);
      else if (!commandOptions.has(name)) options.delete(name);
    }
    const subject = { iface, logical: name, options };
    convert(kind.conversions ?? [], subject);
    return subject;
  }

  up(subject: Subject, { family, method }: InterfaceStanza): Applied {
    const { up } = methodOf(family, method);
    if (!this.#check(up, subject)) return 'unusable';
    return this.#options(subject, 'pre-up') &&
      this.#scripts(subject.logical, 'pre-up') &&
      this.#commands(up, subject) &&
      this.#options(subject, 'up') &&
      this.#scripts(subject.logical, 'up')
      ? 'done'
      : 'failed';
  }

  down(subject: Subject, { family, method }: InterfaceStanza): Applied {
    const { down } = methodOf(family, method);
    if (!this.#check(down, subject)) return 'unusable';
    return this.#scripts(subject.logical, 'down') &&
      this.#options(subject, 'down') &&
      this.#commands(down, subject) &&
      this.#scripts(subject.logical, 'post-down') &&
      this.#options(subject, 'post-down')
      ? 'done'
      : 'failed';
  }

  /** The link itself, before its first stanza and after its last: VLANs, the alias that `description` asks for. */
  link(iface: string, logical: string, direction: 'up' | 'down', description?: string): boolean {
    const subject = { iface, logical, options: new Options() };
    convert(link.conversions ?? [], subject);
    if (description !== undefined) subject.options.set('description', description);
    return this.#commands(link[direction], subject);
  }

  /** The scripts that run around all with `-a`. */
  around(directory: Directory): boolean {
    return this.#scripts(this.#world.line.allow ?? 'auto', directory);
  }

  /** Names the options that are missing, all of them. */
  #check(steps: readonly Step[], subject: Subject): boolean {
    for (const { missing } of commandLines(steps, subject, this.#circumstances)) {
      this.#complain(missing);
      if (missing !== undefined && !this.#world.line.ignoreErrors) return false;
    }
    return true;
  }

  #commands(steps: readonly Step[], subject: Subject): boolean {
    for (const { text, missing } of commandLines(steps, subject, this.#circumstances)) {
      this.#complain(missing);
      const done = text !== undefined && this.#world.run(text);
      if (!done && !this.#world.line.ignoreErrors) return false;
    }
    return true;
  }

  #complain(missing: readonly string[] = []): void {
    for (const name of missing) this.#world.say.warn(`missing required variable: ${name}`);
  }

  #options({ options }: Subject, name: Directory): boolean {
    for (const option of options) {
      if (option.name !== name) continue;
      if (!this.#world.run(option.value) && !this.#world.line.ignoreErrors) return false;
    }
    return true;
  }

  #scripts(logical: string, directory: Directory): boolean {
    const { line, interfaces, run } = this.#world;
    if (line.noScripts === true || interfaces.noScripts.some(pattern => fnmatch(pattern, logical)))
      return true;
    const flags = `${line.ignoreErrors ? '' : '--exit-on-error '}${line.verbose ? '--verbose ' : ''}`;
    return run(`run-parts ${flags}/etc/network/if-${directory}.d`) || line.ignoreErrors;
  }
}
