import { resolve } from 'node:path';
import { errorCodes, messageOf } from '../../core/base/errors.ts';
import type { OperationParameters, OperationResult } from '../../core/control/api.ts';
import { fnmatch } from '../../plugins/interfaces/match/fnmatch.ts';
import type { Door } from './door.ts';
import { openDoor } from './open-door.ts';
import type { Line } from './options.ts';
import { ProgressLine } from './progress.ts';
import { report } from './report.ts';
import { fromBytes, type Say, toBytes } from './say.ts';
import type { States } from './states.ts';

/** What the command line asks for, as far as it has been found out here. */
export interface Wanted {
  line: Line;
  say: Say;
  states: States;
  /** Interfaces, `IFACE=LOGICAL` some of them; undefined for all that netconfd knows of (`-a`). */
  targets: readonly string[] | undefined;
  /** Patterns of interfaces that are left alone with `-a`. */
  exclude: readonly string[];
  /** Interfaces that `-a` may be about. */
  names(): string[];
  /** Whether the file, or what netconf has configured, knows an interface. */
  isKnown(logical: string): boolean;
}

/** ^C and its like: the daemon undoes what it has begun when nobody waits for it. */
const signals = { SIGINT: 'Interrupt', SIGTERM: 'Terminated', SIGHUP: 'Hangup' } as const;

/** ifup and ifdown for real: by netconfd, or in this process where none runs. Returns the exit status. */
export async function operate(wanted: Wanted): Promise<number> {
  const { line, say } = wanted;
  const abort = new AbortController();
  for (const [signal, name] of Object.entries(signals)) {
    process.once(signal, () => {
      say.error(`Got signal ${name}, terminating...`);
      abort.abort();
    });
  }
  try {
    const [socket, config] = [line.socket, line.config].map(path => path && resolve(fromBytes(path)));
    await using door = await openDoor({ socket, config, alone: line.standalone });
    return (await new Client(wanted, door, abort.signal).run()) ? 0 : 1;
  } catch (error) {
    if (!abort.signal.aborted) complain(error, say);
    return 1;
  }
}

function complain(error: unknown, say: Say): void {
  say.warn(toBytes(messageOf(error)));
  const hint = error instanceof Error && 'hint' in error ? error.hint : undefined;
  if (typeof hint === 'string') say.error(toBytes(`  ${hint}`));
}

/** Of netconf's own errors, also of those that were made in a module with classes of its own. */
function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && Object.hasOwn(errorCodes, code) ? code : undefined;
}

class Client {
  readonly #wanted: Wanted;
  readonly #door: Door;
  readonly #signal: AbortSignal;
  readonly #command: 'ifup' | 'ifdown';
  readonly #progress: ProgressLine;

  constructor(wanted: Wanted, door: Door, signal: AbortSignal) {
    this.#wanted = wanted;
    this.#door = door;
    this.#signal = signal;
    this.#command = wanted.line.command === 'ifdown' ? 'ifdown' : 'ifup';
    this.#progress = new ProgressLine(wanted.say, wanted.line.verbose);
  }

  async run(): Promise<boolean> {
    const { targets, line } = this.#wanted;
    if (targets === undefined) {
      const exclude = this.#excluded().map(fromBytes);
      const all = line.allow === undefined ? 'auto' : fromBytes(line.allow);
      return this.#report(await this.#operate({ all, exclude }), true);
    }
    let success = true;
    for (const target of targets) {
      if (this.#signal.aborted) return false;
      success = (await this.#one(target)) && success;
    }
    return success;
  }

  async #one(target: string): Promise<boolean> {
    const { line, say } = this.#wanted;
    const at = target.indexOf('=');
    const iface = at < 0 ? target : target.slice(0, at);
    const logical = at < 0 ? undefined : target.slice(at + 1);
    const request = {
      interface: fromBytes(iface),
      ...(logical !== undefined && { logical: fromBytes(logical) }),
    };
    try {
      const results = await this.#withVlans(iface, request);
      if (results[0]?.state === 'not-configured' && !this.#wanted.isKnown(logical ?? iface)) {
        say.warn(`unknown interface ${logical ?? iface}`);
        return false;
      }
      return this.#report(results, line.all);
    } catch (error) {
      this.#progress.clear();
      const code = codeOf(error);
      if (code === undefined || this.#signal.aborted) throw error;
      const phase = process.env[`IFUPDOWN_${fromBytes(iface)}`];
      if (code === 'Reentrant' && phase !== undefined) {
        say.warn(`recursion detected for interface ${iface} in ${toBytes(phase)} phase`);
      } else complain(error, say);
      return false;
    }
  }

  /** ifdown takes the VLANs of an interface down before it. */
  async #withVlans(iface: string, request: OperationParameters): Promise<OperationResult[]> {
    const results = await this.#operate(request);
    const [{ state, neededBy = [] } = { state: 'failed' }] = results;
    const prefix = `${fromBytes(iface)}.`;
    const vlans = neededBy.filter(name => name.startsWith(prefix));
    if (state !== 'needed' || vlans.length === 0 || vlans.length < neededBy.length) return results;
    for (const vlan of vlans) await this.#operate({ interface: vlan });
    return this.#operate(request);
  }

  async #operate(request: OperationParameters): Promise<OperationResult[]> {
    const parameters = { ...this.#options(), ...request };
    const show = this.#progress.show.bind(this.#progress);
    try {
      return await this.#door.operate(this.#command, parameters, show, this.#signal);
    } finally {
      this.#progress.clear();
    }
  }

  #report(results: readonly OperationResult[], quiet: boolean): boolean {
    let success = true;
    for (const result of results) {
      success = report(this.#command, result, quiet, this.#wanted.say) && success;
    }
    return success;
  }

  #options(): OperationParameters {
    const { line } = this.#wanted;
    const { noScripts, file, allow } = line;
    const set = [...line.set].map(({ name, value }) => ({ name: fromBytes(name), value: fromBytes(value) }));
    return {
      // What an earlier ifup was asked with does not count for scripts of ifdown.
      class: allow === undefined ? (line.all ? 'auto' : '') : fromBytes(allow),
      ...(line.force && { force: true }),
      // ifdown goes on by itself.
      ...(line.ignoreErrors && this.#command === 'ifup' && { ignoreErrors: true }),
      ...(noScripts !== undefined && { noScripts: noScripts === true ? '*' : fromBytes(noScripts) }),
      ...(!line.mappings && { noMappings: true }),
      ...(line.verbose && { verbose: true }),
      ...(file !== undefined && { file: resolve(fromBytes(file)) }),
      ...(set.length > 0 && { set }),
    };
  }

  /** Patterns that only fnmatch(3) knows are replaced by what they match of what there is. */
  #excluded(): string[] {
    const { exclude, names } = this.#wanted;
    const exotic = exclude.filter(pattern => /[[\\]/.test(pattern));
    const all = exotic.length === 0 ? [] : names();
    const matched = all.filter(name => exotic.some(pattern => fnmatch(pattern, name)));
    return [...exclude.filter(pattern => !exotic.includes(pattern)), ...matched];
  }
}
