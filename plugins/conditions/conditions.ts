import type { Event, Netconf, Undo } from 'netconf/plugin';
import { messageOf } from '../../core/base/errors.ts';
import { sentenceOf } from '../../core/base/text/problem.ts';
import { Deeds } from './deeds.ts';
import { readConditions } from './files.ts';
import { MemoryFile } from './memory.ts';
import type { Condition } from './model.ts';
import { printAction, printCondition } from './print.ts';
import { type Memory, type Turn, Watch } from './watch.ts';

interface Watched {
  /** FILE:LINE, the file by its base name. */
  place: string;
  watch: Watch;
}

/** All conditions in force. Listens only while there are any. */
export class Conditions {
  readonly #netconf: Netconf;
  readonly #directory: string;
  readonly #deeds: Deeds;
  readonly #memory: MemoryFile;
  readonly #watched = new Map<string, Watched>();
  /** Links that there were when the daemon started. */
  readonly #present = new Set<string>();
  #listening: Undo | undefined;
  #saving: NodeJS.Immediate | undefined;

  constructor(netconf: Netconf, directory: string) {
    this.#netconf = netconf;
    this.#directory = directory;
    this.#deeds = new Deeds(netconf);
    this.#memory = new MemoryFile(netconf.paths.run);
  }

  /** Reads the files; a condition that is as it was keeps its state. */
  read(): void {
    const { log } = this.#netconf;
    const files = readConditions(this.#directory, path => this.#netconf.trust(path));
    for (const { path, problems } of files) {
      for (const problem of problems) log[problem.severity](sentenceOf(path, problem));
    }
    const before = this.#memories(files.some(({ conditions }) => conditions.length > 0));
    this.#watched.clear();
    for (const { name, conditions } of files) {
      for (const condition of conditions) this.#add(name, condition, before);
    }
    // What was seen for a condition that is not there any more is forgotten.
    this.#saving ??= setImmediate(() => this.#save());
    if (this.#watched.size === 0) {
      this.#listening?.();
      this.#listening = undefined;
    } else {
      this.#listening ??= this.#netconf.on('*', event => this.#see(event));
    }
  }

  /** Sentences for `netconf explain`: the state of each, and what the event would do. */
  explain(event: Event): string[] {
    return [...this.#watched.values()].map(({ place, watch }) => {
      const turn = watch.wouldSee(event);
      const { actions, ending } = watch.condition;
      const following = (turn === 'ended' ? ending : actions).map(printAction).join(', ');
      const now = watch.wants(event) ? 'this event would not change it' : 'not about this event';
      const then =
        turn === undefined ? now : `this event would ${verbs[turn]} it: ${following || 'nothing follows'}`;
      return `condition ${place} ${watch.state}: ${watch}; ${then}`;
    });
  }

  stop(): void {
    this.#deeds.stop();
    if (this.#saving !== undefined) this.#save();
  }

  #memories(wanted: boolean): ReadonlyMap<string, Memory> {
    if (this.#watched.size === 0) return wanted ? this.#memory.read() : new Map();
    return new Map([...this.#watched].map(([key, { watch }]) => [key, watch.memory]));
  }

  #add(name: string, condition: Condition, before: ReadonlyMap<string, Memory>): void {
    const key = `${name}: ${printCondition(condition)}`;
    const watch = new Watch(condition);
    const memory = before.get(key);
    if (memory !== undefined) watch.recall(memory);
    this.#watched.set(key, { place: `${name}:${condition.line}`, watch });
  }

  #see(event: Event): void {
    if (event.replayed && event.name === 'link.added') this.#present.add(event.interface ?? '');
    for (const { place, watch } of this.#watched.values()) {
      if (!watch.wants(event) && !ofLinks.has(event.name)) continue;
      this.#saving ??= setImmediate(() => this.#save());
      if (event.name === 'daemon.ready') this.#follow(place, watch, watch.keepOnly(this.#present), event);
      this.#follow(place, watch, watch.see(event), event);
    }
  }

  #follow(place: string, { condition }: Watch, turn: Turn, event: Event): void {
    if (turn === undefined) return;
    const following = turn === 'met' ? condition.actions : condition.ending;
    const data = { condition: place, actions: following.map(printAction) };
    const on = event.interface === undefined ? {} : { interface: event.interface };
    this.#netconf.emit(`condition.${turn}`, data, { ...on, cause: event });
    this.#deeds.want(place, following, event);
  }

  #save(): void {
    clearImmediate(this.#saving);
    this.#saving = undefined;
    try {
      this.#memory.write(new Map([...this.#watched].map(([key, { watch }]) => [key, watch.memory])));
    } catch (error) {
      this.#netconf.log.warning(`what conditions have seen is not kept over a restart: ${messageOf(error)}`);
    }
  }
}

const verbs = { met: 'meet', ended: 'end' } as const;

/** Spans end with their interface; when the daemon is ready, it has told of all that there are. */
const ofLinks: ReadonlySet<string> = new Set(['link.removed', 'link.renamed', 'daemon.ready']);
