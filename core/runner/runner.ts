// Long because it is where the parts of the runner meet: selection, queues, scripts, history and the bus, each in a file.
import { messageOf } from '../base/errors.ts';
import { hideDescriptors } from '../base/libc/process.ts';
import type { Log } from '../base/log.ts';
import type { Undo } from '../base/undo.ts';
import type { Bus } from '../bus/bus.ts';
import type { Event } from '../bus/event.ts';
import type { ExplainedScript, HistoryEntry, HistoryParameters, Run } from '../control/api.ts';
import { Ahead } from './ahead.ts';
import { findAncestor } from './ancestry.ts';
import { HookDirectories } from './directories.ts';
import type { EnvironmentHook } from './environment.ts';
import { runEventScripts } from './event-scripts.ts';
import { failed, History, type Record, toEntry } from './history.ts';
import type { Hold } from './hold.ts';
import { InterfaceIndexes } from './indexes.ts';
import { Patience } from './patience.ts';
import { publishEmission, publishFailure, sentenceOf } from './publish.ts';
import { holdFor, type Keyed, type Pending, Queues, queueKey } from './queues.ts';
import { RememberedDirectories } from './remembered.ts';
import { Scripts } from './scripts.ts';
import { deadlineOf, type RunnerSettings, type Settings, topEvents, withDefaults } from './settings.ts';
import { Waits } from './waits.ts';

export interface RunnerOptions {
  bus: Bus;
  /** Directories that are called `hooks.d` as a rule, the administrator's first. */
  levels: readonly string[];
  settings?: RunnerSettings;
  /** The control socket, as scripts are told. */
  socket: string;
  /** Adds to what scripts see. */
  environment?: EnvironmentHook;
  /** Whether it has something to add. @default whether it is there */
  adds?: () => boolean;
  /** Holds the scripts of an event back. */
  reaction?: (event: Event) => Hold | undefined;
  /** Event families that loaded plugins declare. */
  pluginFamilies?: () => ReadonlySet<string>;
  log: Log;
}

/** How long `stop` lets running scripts finish before it ends them. */
const stopAfterMs = 10_000;
const endedAfterMs = 8_000;

/**
 * The hook runner: sees every event of the bus, puts those that hook directories have something for into queues, runs
 * their scripts, and remembers what came of it. What it does for an event without scripts is a Map lookup and a place
 * in a ring. It never throws at the bus. Scripts start before the listeners of plugins get the event, unless a plugin adds to
 * their environment: what it does so by may come from its listener.
 */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #history: History;
  readonly #queues: Queues;
  readonly #scripts = new Scripts();
  readonly #waits = new Waits();
  readonly #pending = new Map<number, Pending>();
  readonly #running = new Map<number, Pending>();
  readonly #indexes = new InterfaceIndexes();
  readonly #ahead = new Ahead();
  readonly #patience = new Patience();
  readonly #told = new Set<string>();
  readonly #unobserve: Undo;
  #directories: RememberedDirectories;
  #settings: Settings;
  #isTop: (name: string) => boolean;
  #stopping = false;
  #stopped: Promise<void> | undefined;
  #scriptsRun = 0;
  #scriptsFailed = 0;
  #dropped = 0;
  #superseded = 0;

  constructor(options: RunnerOptions) {
    hideDescriptors();
    this.#options = options;
    this.#settings = withDefaults(options.settings ?? {});
    this.#isTop = this.#topEvents();
    this.#directories = new RememberedDirectories(new HookDirectories(options.levels));
    this.#history = new History(this.#settings.history);
    const { parallel, queue } = this.#settings;
    this.#queues = new Queues(
      {
        execute: pending => this.#execute(pending),
        drop: (pending, reason) => this.#drop(pending, reason),
        supersede: (pending, by) => this.#supersede(pending, by),
        finished: pending => this.#finished(pending),
      },
      parallel,
      queue,
    );
    this.#unobserve = options.bus.observe((event, held) => this.#observe(event, held));
  }

  /** A reload: new settings and directories count from the next event on. */
  configure(settings: RunnerSettings, levels: readonly string[] = this.#directories.levels): void {
    this.#settings = withDefaults(settings);
    this.#isTop = this.#topEvents();
    this.#directories.close();
    this.#directories = new RememberedDirectories(new HookDirectories(levels));
    this.#history.resize(this.#settings.history);
    this.#queues.configure(this.#settings.parallel, this.#settings.queue);
  }

  /** For `netconf status`. */
  get counters(): { [name: string]: number } {
    return {
      hooksRunning: this.#queues.running,
      hooksWaiting: this.#queues.waiting,
      hooksRun: this.#scriptsRun,
      hooksFailed: this.#scriptsFailed,
      hooksDropped: this.#dropped,
      hooksSuperseded: this.#superseded,
    };
  }

  /** Oldest first. */
  history(parameters?: HistoryParameters): HistoryEntry[] {
    return this.#history.query(parameters);
  }

  /** Resolves when the scripts of an event are done or dropped; of a superseded one, those of its survivor. */
  settled(event: Event): Promise<HistoryEntry> {
    const pending = this.#pending.get(event.id);
    if (pending === undefined) {
      return Promise.resolve(this.#history.find(event.id) ?? toEntry(event));
    }
    return new Promise(resolve => {
      pending.settled.push(() => resolve(toEntry((this.#pending.get(event.id) ?? pending).record)));
    });
  }

  /** What would happen on an event; runs and changes nothing. */
  explain(event: Event): { scripts: ExplainedScript[]; notes: string[] } {
    const wanted = { name: event.name, top: this.#isTop(event.name) };
    const { scripts, excluded } = this.#directories.select(wanted);
    const obstacle = this.#obstacle(event);
    const notes = [...this.#directories.problems(), ...(obstacle === undefined ? [] : [obstacle])];
    if (!wanted.top) {
      notes.push(`hooks.events does not select ${event.name}: only scripts of its own directories run`);
    }
    return {
      scripts: [
        ...scripts.map(script => ({
          script,
          run: obstacle === undefined,
          deadline: deadlineOf(script, this.#settings),
          ...(obstacle !== undefined && { reason: obstacle }),
        })),
        ...excluded.map(({ script, reason }) => ({ script, run: false, reason })),
      ],
      notes,
    };
  }

  /** The event whose script this process is, or descends from; undefined for all others. */
  ancestor(pid: number): Event | undefined {
    return this.#running.size === 0 ? undefined : findAncestor(pid, one => this.#running.get(one))?.event;
  }

  /**
   * Called before a process is made to wait for the scripts of an event. Throws `Reentrant` when it runs inside a
   * script that those would have to wait for, directly or in a circle. The undo ends the wait.
   */
  beginWait(pid: number, target: Keyed): Undo {
    const caller = findAncestor(pid, one => this.#running.get(one));
    if (caller === undefined) return () => undefined;
    return this.#waits.begin(caller.key, this.#keyOf(target));
  }

  /**
   * No new ones; what waits is dropped; running scripts get ten seconds, then TERM, and KILL after five more. The
   * second call goes to the next of these at once.
   */
  stop(): Promise<void> {
    if (this.#stopped !== undefined) {
      this.#patience.hurry();
      return this.#stopped;
    }
    this.#queues.close('netconfd stops');
    this.#stopping = true;
    this.#stopped = this.#end().finally(() => {
      this.#scripts.close();
      this.#directories.close();
      this.#unobserve();
    });
    return this.#stopped;
  }

  async #end(): Promise<void> {
    const idle = () => this.#queues.running === 0;
    if (await this.#patience.wait(idle, stopAfterMs)) return;
    this.#scripts.terminate();
    if (await this.#patience.wait(idle, endedAfterMs)) return;
    this.#scripts.terminate();
    await this.#patience.wait(idle, endedAfterMs);
  }

  #topEvents(): (name: string) => boolean {
    return topEvents(this.#settings.events, () => this.#families());
  }

  #families(): ReadonlySet<string> {
    return this.#options.pluginFamilies?.() ?? none;
  }

  readonly #indexOf = (name: string) => this.#indexes.get(name);

  #observe(event: Event, held: boolean): void {
    // Whatever came before has been delivered to all listeners by now.
    this.#queues.startNow();
    this.#indexes.learn(event);
    const top = this.#isTop(event.name);
    if (held) {
      const chain = [event.id, ...event.chain].join(' ← ');
      const reason = `caused by a chain of ${event.depth} events, so it was held: ${chain}`;
      this.#history.add({ event, state: 'held', runs: [], refused: [], reason });
      this.#tellOnce(`${event.name}: held, because scripts or plugins cause it in a circle: netconf history`);
      return;
    }
    if (!this.#directories.wants({ name: event.name, top }) || this.#obstacle(event) !== undefined) {
      this.#history.addPlain(event);
      if (event.family === 'link') this.#ahead.passed(this.#keyOf(event), event);
      return;
    }
    this.#enqueue(event);
  }

  #enqueue(event: Event): void {
    const now = performance.now();
    const hold = this.#hold(event);
    const record: Record = { event, state: 'queued', runs: [], refused: [] };
    if (hold !== undefined) record.reason = `held back: ${hold.reason}`;
    const pending: Pending = {
      key: this.#keyOf(event),
      event,
      record,
      ids: [event.id],
      notBefore: hold === undefined ? 0 : now + holdFor(hold.ms),
      heldSince: hold === undefined ? undefined : now,
      settled: [],
    };
    this.#history.add(record);
    this.#pending.set(event.id, pending);
    if (this.#stopping) this.#drop(pending, 'netconfd stops');
    else this.#queues.add(pending);
    if (!this.#adds()) this.#queues.startNow();
  }

  #adds(): boolean {
    const { environment, adds } = this.#options;
    return adds?.() ?? environment !== undefined;
  }

  #hold(event: Event): Hold | undefined {
    try {
      return this.#options.reaction?.(event);
    } catch (error) {
      this.#options.log.warning(`reaction to ${event.name}: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** Why no script at all runs for an event. */
  #obstacle(event: Event): string | undefined {
    if (event.replayed && !this.#settings.replay) {
      return 'replayed events run scripts only with hooks.replay';
    }
    if (event.family === 'request' && 'refused' in event.data && event.data.refused) {
      return 'refused requests run no scripts';
    }
    return undefined;
  }

  #execute(pending: Pending): Promise<void> {
    const { event, record, key } = pending;
    this.#ahead.served(key);
    return runEventScripts(
      record,
      { name: event.name, top: this.#isTop(event.name) },
      {
        directories: this.#directories,
        scripts: this.#scripts,
        socket: this.#options.socket,
        environment: this.#options.environment,
        deadline: script => deadlineOf(script, this.#settings),
        emit: (script, emission) =>
          publishEmission(this.#options.bus, script, emission, event, this.#families(), this.#indexOf),
        started: script => {
          this.#scriptsRun++;
          if (script.pid !== undefined) this.#running.set(script.pid, pending);
        },
        ended: (script, run) => {
          if (script.pid !== undefined) this.#running.delete(script.pid);
          this.#history.ended(record, run);
          if (failed(run)) this.#failed(run, event);
        },
        refused: (script, reason) => this.#tellOnce(`${script} does not run: ${reason}`),
        interrupted: () => (this.#stopping ? 'netconfd stops' : undefined),
      },
    );
  }

  #failed(run: Run, event: Event): void {
    this.#scriptsFailed++;
    this.#options.log.warning(`${run.script} (${event.name}): ${sentenceOf(run)}`);
    try {
      publishFailure(this.#options.bus, run, event);
    } catch (error) {
      this.#options.log.error(messageOf(error));
    }
  }

  #drop(pending: Pending, reason: string): void {
    this.#dropped++;
    pending.record.state = 'dropped';
    pending.record.reason = reason;
    this.#tellOnce(`scripts dropped: ${reason}`);
    this.#finished(pending);
  }

  #supersede(pending: Pending, by: Pending): void {
    this.#superseded++;
    pending.record.state = 'superseded';
    pending.record.reason = `event ${by.event.id} (${by.event.name}) stands for it`;
    for (const id of pending.ids) this.#pending.set(id, by);
  }

  #finished(pending: Pending): void {
    for (const settle of pending.settled.splice(0)) settle();
    for (const id of pending.ids) this.#pending.delete(id);
  }

  #keyOf(event: Keyed): string {
    return queueKey(event, this.#indexOf, this.#options.pluginFamilies?.() ?? none);
  }

  #tellOnce(message: string): void {
    if (this.#told.has(message)) return;
    if (this.#told.size >= 1000) this.#told.clear();
    this.#told.add(message);
    this.#options.log.warning(message);
  }
}

const none: ReadonlySet<string> = new Set();
