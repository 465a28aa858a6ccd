import { fnmatch } from '../../plugins/interfaces/match/fnmatch.ts';
import type { InterfaceStanza } from '../../plugins/interfaces/parse/model.ts';
import { Application } from './apply.ts';
import { mapName } from './mapping.ts';
import { ignorer, selectTargets, type World } from './select.ts';

/**
 * `ifup -n`, `ifdown --no-act-commands`, `ifquery`: goes through all that ifupdown 0.8 would do, and says it line by
 * line as it does, but changes nothing. Returns the exit status.
 */
export function dryRun(world: World): number {
  const targets = selectTargets(world);
  const dry = new DryRun(world);
  const around = world.line.all && !world.line.list;
  if (around) dry.around(world.line.command === 'ifup' ? 'pre-up' : 'down');
  let success = true;
  for (const target of targets) success = dry.one(target) && success;
  if (around) dry.around(world.line.command === 'ifup' ? 'up' : 'post-down');
  return success ? 0 : 1;
}

class DryRun {
  readonly #world: World;
  readonly #application: Application;
  readonly #ignores: (iface: string) => boolean;
  readonly #stanzas = new Map<string, InterfaceStanza[]>();

  constructor(world: World) {
    this.#world = world;
    this.#application = new Application(world);
    this.#ignores = ignorer(world);
    for (const stanza of world.interfaces.stanzas) {
      const same = this.#stanzas.get(stanza.name);
      if (same === undefined) this.#stanzas.set(stanza.name, [stanza]);
      else same.push(stanza);
    }
  }

  around(directory: 'pre-up' | 'up' | 'down' | 'post-down'): void {
    this.#application.around(directory);
  }

  /**
   * One interface, or `IFACE=LOGICAL`. `parent` is set where another asks for it: then it is what that one knows of
   * its state, empty for nothing, and less is said.
   */
  one(target: string, parent?: string): boolean {
    const at = target.indexOf('=');
    const iface = (at < 0 ? target : target.slice(0, at)).slice(0, 79);
    const asked = (at < 0 ? iface : target.slice(at + 1)).slice(0, 79);
    if (this.#ignores(iface)) return true;
    if (!this.#isKnown(iface, asked)) {
      if (parent === undefined) this.#world.say.warn(`unknown interface ${asked}`);
      return parent !== undefined;
    }
    const { line, states, say } = this.#world;
    if (line.list) {
      const listed = this.#isDefined(asked);
      if (listed) say.line(iface);
      return listed;
    }
    if (line.command === 'ifup' && parent === undefined && !this.#parentUp(iface)) return false;
    const state = line.command === 'ifquery' ? undefined : parent || states.of(iface);
    if (line.command === 'ifdown' && parent === undefined && !iface.includes('.')) this.#vlansDown(iface);
    if (!line.force && line.command !== 'ifquery') {
      const isUp = state !== undefined;
      if (isUp === (line.command === 'ifup')) {
        if (parent === undefined && !line.all) {
          say.warn(`interface ${iface} ${isUp ? 'already' : 'not'} configured`);
        }
        return true;
      }
    }
    const logical = line.command === 'ifdown' && !line.force ? (state ?? asked) : asked;
    return this.#map(iface, logical);
  }

  #isKnown(iface: string, logical: string): boolean {
    const { line, states } = this.#world;
    return this.#isDefined(logical) || (line.command !== 'ifup' && states.known(iface));
  }

  /** Some stanza is its own, or what mappings can make of it. */
  #isDefined(logical: string): boolean {
    const { mappings } = this.#world.interfaces;
    return (
      this.#stanzas.has(logical) ||
      mappings.some(({ patterns }) => patterns.some(pattern => fnmatch(pattern, logical)))
    );
  }

  /** A VLAN needs its parent. */
  #parentUp(iface: string): boolean {
    const at = iface.indexOf('.');
    if (at < 0) return true;
    const parent = iface.slice(0, at);
    if (this.one(parent, this.#world.states.of(parent) ?? '')) return true;
    this.#world.say.warn(`could not bring up parent interface ${parent}`);
    return false;
  }

  /** VLANs go before their parent. */
  #vlansDown(iface: string): void {
    for (const { name } of this.#world.interfaces.stanzas)
      if (name.startsWith(`${iface}.`)) this.one(name, '');
  }

  #map(iface: string, logical: string): boolean {
    const { line, interfaces, say } = this.#world;
    if (line.command === 'ifdown' || (line.command === 'ifup' && !line.mappings)) {
      return this.#apply(iface, logical, false);
    }
    const mapped = mapName(iface, logical, interfaces.mappings, line.mappings, line.verbose, say);
    return mapped !== undefined && this.#apply(iface, mapped.logical, mapped.skipped);
  }

  #apply(iface: string, logical: string, skipped: boolean): boolean {
    const { line, say, states } = this.#world;
    const before = states.of(iface);
    if (line.command === 'ifup') states.set(iface, logical);
    if (line.command === 'ifdown') states.set(iface, undefined);
    const stanzas = this.#stanzas.get(logical) ?? [];
    if (line.command === 'ifquery') return this.#query(iface, logical, stanzas, skipped);
    const failed = this.#stanzasOf(iface, logical, stanzas);
    if (failed === 'link') return false;
    if (stanzas.length === 0 && !line.force) {
      say.warn(`ignoring unknown interface ${iface}=${logical}`);
      states.set(iface, undefined);
    } else if (line.command === 'ifup' && failed === 'stanza' && (before === undefined || line.noAct)) {
      say.warn(`failed to bring up ${logical}`);
      states.set(iface, undefined);
      return false;
    } else {
      states.set(iface, line.command === 'ifup' ? logical : undefined);
    }
    return true;
  }

  #stanzasOf(
    iface: string,
    logical: string,
    stanzas: readonly InterfaceStanza[],
  ): 'stanza' | 'link' | undefined {
    const { line, say } = this.#world;
    const [first] = stanzas;
    if (first === undefined) return undefined;
    const direction = line.command === 'ifup' ? 'up' : 'down';
    if (direction === 'up')
      this.#application.link(iface, logical, 'up', first.options.get('description')?.value);
    let failed = false;
    for (const stanza of stanzas) {
      const subject = this.#application.prepare(iface, stanza);
      if (line.verbose) say.warn(`configuring interface ${iface}=${logical} (${stanza.family})`);
      const applied = this.#application[direction](subject, stanza);
      if (applied === 'unusable') {
        say.warn(`missing required configuration variables for interface ${logical}/${stanza.family}`);
      }
      failed = applied !== 'done';
      if (failed) break;
    }
    if (direction === 'down' && !this.#application.link(iface, logical, 'down')) return 'link';
    return failed ? 'stanza' : undefined;
  }

  #query(iface: string, logical: string, stanzas: readonly InterfaceStanza[], skipped: boolean): boolean {
    const { line, say } = this.#world;
    for (const stanza of stanzas) {
      const { options } = this.#application.prepare(iface, stanza);
      if (line.verbose) {
        say.flush();
        say.warn(`querying interface ${iface}=${logical} (${stanza.family})`);
      }
      for (const { name, value } of options) say.line(`${name}: ${value}`);
    }
    if (stanzas.length > 0 || skipped) return true;
    say.warn(`unknown interface ${iface}`);
    return false;
  }
}
