import { Deadlines } from '../base/deadline.ts';
import type { Undo } from '../base/undo.ts';
import type { Code, Guard } from './guard.ts';
import { kinds } from './hook-kinds.ts';
import { HookPoint, type TapFailure } from './hook-point.ts';
import type { HookPoints as Catalogue, PluginHooks, TapOptions } from './hooks.ts';

type Simple = Exclude<keyof Catalogue, 'step'>;

/** Milliseconds that a tap's promise may be pending. A step has a time-out of its own; this one is the last resort. */
export interface TapDeadlines {
  authorise: number;
  tap: number;
  step: number;
}

export const tapDeadlines: TapDeadlines = { authorise: 5_000, tap: 30_000, step: 3_600_000 };

/** All hook points: the daemon calls them, plugins tap them through the view that `viewFor` gives each. */
export class HookPoints {
  readonly #points: { readonly [Name in Simple]: HookPoint };
  readonly #steps = new Map<string, HookPoint>();
  readonly #stepDeadlines: Deadlines;
  readonly #failed: TapFailure;

  constructor(failed: TapFailure, deadlines: TapDeadlines = tapDeadlines) {
    this.#failed = failed;
    this.#stepDeadlines = new Deadlines(deadlines.step);
    const short = new Deadlines(deadlines.authorise);
    const long = new Deadlines(deadlines.tap);
    const names = (Object.keys(kinds) as (keyof Catalogue)[]).filter(name => name !== 'step');
    this.#points = Object.fromEntries(
      names.map(name => [
        name,
        new HookPoint(name, kinds[name], name === 'authorise' ? short : long, failed),
      ]),
    ) as { [Name in Simple]: HookPoint };
  }

  /** Calls an asynchronous hook point. Rejects where its kind says that a failure ends it. */
  call<Name extends Exclude<Simple, 'environment' | 'reaction'>>(
    name: Name,
    ...values: Parameters<Catalogue[Name]>
  ): Promise<ReturnType<Catalogue[Name]>> {
    return this.#points[name].call(...values) as Promise<ReturnType<Catalogue[Name]>>;
  }

  /** Calls a synchronous hook point; never throws. */
  callSync<Name extends 'environment' | 'reaction'>(
    name: Name,
    ...values: Parameters<Catalogue[Name]>
  ): ReturnType<Catalogue[Name]> | undefined {
    return this.#points[name].callSync(...values) as ReturnType<Catalogue[Name]> | undefined;
  }

  /** Calls one owner's taps of a life-of-the-daemon hook point. */
  callOwned(name: 'ready' | 'stop', owner: string): Promise<void> {
    return this.#points[name].callOwned(owner);
  }

  /** The hook point of a policy's step, made when it is first asked for. */
  step(step: string): HookPoint {
    let point = this.#steps.get(step);
    if (point === undefined) {
      point = new HookPoint(`step ${step}`, kinds.step, this.#stepDeadlines, this.#failed);
      this.#steps.set(step, point);
    }
    return point;
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
        if (guard.live) remember(point().tap(guard, options, code, waits));
      };
      return { tap: register(false), tapPromise: register(true) };
    };
    const simple = Object.entries(this.#points).map(([name, point]) => [name, view(() => point)]);
    const step = { for: (name: string) => view(() => this.step(name)) };
    return { ...Object.fromEntries(simple), step } as PluginHooks;
  }

  #all(): HookPoint[] {
    return [...Object.values(this.#points), ...this.#steps.values()];
  }
}
