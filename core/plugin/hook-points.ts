import { Deadlines } from '../base/deadline.ts';
import type { Undo } from '../base/undo.ts';
import type { Event } from '../bus/event.ts';
import type { Code, Guard } from './guard.ts';
import { kinds } from './hook-kinds.ts';
import { HookPoint, type TapFailure } from './hook-point.ts';
import type {
  HookPoints as Catalogue,
  GatheredHook,
  Hold,
  PluginHooks,
  StepHook,
  SynchronousHook,
  TapOptions,
} from './hooks.ts';

type Simple = Exclude<keyof Catalogue, StepHook>;

const stepHooks: readonly StepHook[] = ['source', 'step', 'answer'];

/** What runs scripts, each with a deadline of its own, one after the other. */
const phases: readonly string[] = ['create', 'preUp', 'postUp', 'preDown', 'postDown', 'destroy'];

/**
 * Milliseconds that a tap's promise may be pending. A step, a source and a phase have time-outs of their own for what
 * they run; this one is the last resort.
 */
export interface TapDeadlines {
  authorise: number;
  tap: number;
  step: number;
}

export const tapDeadlines: TapDeadlines = { authorise: 5_000, tap: 30_000, step: 3_600_000 };

function isOfSteps(name: keyof Catalogue): name is StepHook {
  return (stepHooks as readonly string[]).includes(name);
}

/** All hook points: the daemon calls them, plugins tap them through the view that `viewFor` gives each. */
export class HookPoints {
  readonly #points: { readonly [Name in Simple]: HookPoint };
  readonly #ofSteps: { readonly [Name in StepHook]: Map<string, HookPoint> } = {
    source: new Map(),
    step: new Map(),
    answer: new Map(),
  };
  readonly #deadlines: { readonly [Name in StepHook]: Deadlines };
  readonly #failed: TapFailure;
  /** Who wants to know that a gathered hook point answers something else now. */
  readonly #watchers = new Map<string, Set<() => void>>();
  readonly #touched = new Set<string>();
  readonly #holds = new WeakMap<Event, { hold: Hold | undefined }>();

  constructor(failed: TapFailure, deadlines: TapDeadlines = tapDeadlines) {
    this.#failed = failed;
    const short = new Deadlines(deadlines.authorise);
    const long = new Deadlines(deadlines.tap);
    const last = new Deadlines(deadlines.step);
    this.#deadlines = { source: last, step: last, answer: last };
    const deadlineOf = (name: string) => {
      if (name === 'authorise') return short;
      return phases.includes(name) ? last : long;
    };
    const names = Object.keys(kinds).filter(
      (name): name is Simple => !(stepHooks as string[]).includes(name),
    );
    this.#points = Object.fromEntries(
      names.map(name => [name, new HookPoint(name, kinds[name], deadlineOf(name), failed)]),
    ) as { [Name in Simple]: HookPoint };
  }

  /** Calls an asynchronous hook point. Rejects where its kind says that a failure ends it. */
  call<Name extends Exclude<Simple, SynchronousHook>>(
    name: Name,
    ...values: Parameters<Catalogue[Name]>
  ): Promise<ReturnType<Catalogue[Name]>> {
    return this.#points[name].call(...values) as Promise<ReturnType<Catalogue[Name]>>;
  }

  /** Calls a synchronous hook point; never throws. */
  callSync<Name extends SynchronousHook>(
    name: Name,
    ...values: Parameters<Catalogue[Name]>
  ): ReturnType<Catalogue[Name]> | undefined {
    return this.#points[name].callSync(...values) as ReturnType<Catalogue[Name]> | undefined;
  }

  /** Calls `changed` in a later turn, once for all that `touch` or a tap that came or went has said in this one. */
  watch(name: GatheredHook, changed: () => void): Undo {
    const watchers = this.#watchers.get(name) ?? new Set();
    this.#watchers.set(name, watchers.add(changed));
    return () => watchers.delete(changed);
  }

  /** Says that a hook point answers something else than before; false where nobody wants to know. */
  touch(name: string): boolean {
    const watchers = this.#watchers.get(name);
    if (watchers === undefined || watchers.size === 0) return false;
    if (this.#touched.has(name)) return true;
    this.#touched.add(name);
    setImmediate(() => {
      this.#touched.delete(name);
      for (const changed of [...watchers]) changed();
    });
    return true;
  }

  /** Calls one owner's taps of a life-of-the-daemon hook point. */
  callOwned(name: 'ready' | 'stop', owner: string): Promise<void> {
    return this.#points[name].callOwned(owner);
  }

  /** What `reaction` says of an event. Its taps are asked once, whoever wants to know: they may count what they see. */
  holdOf(event: Event): Hold | undefined {
    if (!this.isTapped('reaction')) return undefined;
    const known = this.#holds.get(event);
    if (known !== undefined) return known.hold;
    const hold = this.callSync('reaction', event);
    this.#holds.set(event, { hold });
    return hold;
  }

  /** Steps that somebody has tapped. */
  tapped(name: StepHook): string[] {
    return [...this.#ofSteps[name]].flatMap(([step, point]) => (point.isTapped ? [step] : []));
  }

  /** Calls the hook point of one step. Rejects when a tap fails. */
  callStep<Name extends StepHook>(
    name: Name,
    step: string,
    ...values: Parameters<Catalogue[Name]>
  ): Promise<ReturnType<Catalogue[Name]>> {
    return this.#ofStep(name, step).call(...values) as Promise<ReturnType<Catalogue[Name]>>;
  }

  /** Has anybody tapped this hook point; one of those of steps, for this step? */
  isTapped(name: Simple): boolean;
  isTapped(name: StepHook, step: string): boolean;
  isTapped(name: keyof Catalogue, step = ''): boolean {
    const point = isOfSteps(name) ? this.#ofSteps[name].get(step) : this.#points[name];
    return point?.isTapped === true;
  }

  /** Every tap of the given hook points, in the order in which they run. */
  taps(...names: Simple[]): { hook: string; plugin: string; label: string; stage: number }[] {
    const wanted = names.length > 0 ? names.map(name => this.#points[name]) : this.#all();
    return wanted.flatMap(point => point.taps.map(tap => ({ hook: point.name, ...tap })));
  }

  /** The hook points as one plugin sees them; each registration's undo goes to `remember`. */
  viewFor(guard: Guard, remember: (undo: Undo) => void): PluginHooks {
    const view = (point: () => HookPoint) => {
      const register = (waits: boolean) => (options: TapOptions | string, code: Code) => {
        if (typeof code !== 'function') throw new TypeError(`a tap of ${point().name} must be a function`);
        if (!guard.live) return;
        const { name } = point();
        const undo = point().tap(guard, options, code, waits);
        this.touch(name);
        remember(() => {
          undo();
          this.touch(name);
        });
      };
      return { tap: register(false), tapPromise: register(true) };
    };
    const simple = Object.entries(this.#points).map(([name, point]) => [name, view(() => point)]);
    const ofSteps = stepHooks.map(name => [
      name,
      { for: (step: string) => view(() => this.#ofStep(name, step)) },
    ]);
    return Object.fromEntries([...simple, ...ofSteps]) as PluginHooks;
  }

  /** Made when it is first asked for. */
  #ofStep(name: StepHook, step: string): HookPoint {
    const known = this.#ofSteps[name].get(step);
    if (known !== undefined) return known;
    const made = new HookPoint(`${name} ${step}`, kinds[name], this.#deadlines[name], this.#failed);
    this.#ofSteps[name].set(step, made);
    return made;
  }

  #all(): HookPoint[] {
    const ofSteps = stepHooks.flatMap(name => [...this.#ofSteps[name].values()]);
    return [...Object.values(this.#points), ...ofSteps];
  }
}
