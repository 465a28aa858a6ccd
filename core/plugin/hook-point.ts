import { inspect } from 'node:util';
import type { Deadlines } from '../base/deadline.ts';
import { NetconfError } from '../base/errors.ts';
import type { Undo } from '../base/undo.ts';
import type { Code, Guard } from './guard.ts';
import type { Kind, Tapable } from './hook-kinds.ts';
import type { TapOptions } from './hooks.ts';

/** Is told of a tap that failed where the failure ends nothing, or whose deadline passed. */
export type TapFailure = (guard: Guard, where: string, error: unknown) => void;

interface Registration {
  guard: Guard;
  label: string;
  options: { name: string; stage: number; before?: string | string[] };
  tap: Code;
  /** Registered with `tapPromise`: its promise is waited for. */
  waits: boolean;
}

/**
 * One hook point: tapable runs it, in the order that stage and before say. tapable knows no untap, so the hook is made
 * anew from the registrations after a change; who calls comes through here and sees the new one.
 */
export class HookPoint {
  readonly name: string;
  readonly #kind: Kind;
  readonly #deadlines: Deadlines;
  readonly #failed: TapFailure;
  readonly #registrations: Registration[] = [];
  #hook: Tapable | undefined;

  /** `name` as in messages: `preUp`, or `step DHCP`. */
  constructor(name: string, kind: Kind, deadlines: Deadlines, failed: TapFailure) {
    this.name = name;
    this.#kind = kind;
    this.#deadlines = deadlines;
    this.#failed = failed;
  }

  /** The taps in the order in which they run. */
  get taps(): { plugin: string; label: string; stage: number }[] {
    return this.#compiled().taps.map(({ name, label, stage }) => ({ plugin: name, label, stage }));
  }

  get isTapped(): boolean {
    return this.#registrations.length > 0;
  }

  tap(guard: Guard, options: TapOptions | string, tap: Code, waits: boolean): Undo {
    const given: TapOptions = typeof options === 'string' ? { name: options } : options;
    const registration: Registration = {
      guard,
      label: given.name ?? guard.owner,
      options: {
        name: guard.owner,
        stage: given.stage ?? 0,
        ...(given.before !== undefined && { before: [given.before].flat() as string[] }),
      },
      tap,
      waits: waits && this.#kind.waits,
    };
    this.#registrations.push(registration);
    this.#hook = undefined;
    return () => {
      const at = this.#registrations.indexOf(registration);
      if (at < 0) return;
      this.#registrations.splice(at, 1);
      this.#hook = undefined;
    };
  }

  /** For synchronous kinds; a failing tap is reported and passed over. */
  callSync(...values: unknown[]): unknown {
    return this.#registrations.length === 0 ? undefined : this.#compiled().call?.(...values);
  }

  /** For asynchronous kinds. Rejects with the first failure, or, where they are gathered, with an AggregateError. */
  async call(...values: unknown[]): Promise<unknown> {
    if (this.#registrations.length === 0) return undefined;
    const errors: unknown[] = [];
    const result = await this.#compiled().promise(...values, errors);
    if (errors.length > 0) throw new AggregateError(errors, `${this.name}: ${errors.length} taps failed`);
    return result;
  }

  /** Calls the taps of one owner alone: `ready` of a plugin that is loaded late. */
  async callOwned(owner: string, ...values: unknown[]): Promise<void> {
    const owned = this.#registrations.filter(({ guard }) => guard.owner === owner);
    if (owned.length > 0) await this.#compile(owned).promise(...values, []);
  }

  #compiled(): Tapable {
    this.#hook ??= this.#compile(this.#registrations);
    return this.#hook;
  }

  #compile(registrations: readonly Registration[]): Tapable {
    const hook = this.#kind.create();
    for (const registration of registrations) {
      const options = { ...registration.options, label: registration.label };
      if (registration.waits) hook.tapAsync(options, this.#asynchronous(registration));
      else hook.tap(options, this.#synchronous(registration));
    }
    return hook;
  }

  /** tapable calls with the values, in asynchronous kinds the list for gathered errors, and `done`. */
  #asynchronous(registration: Registration): (...values: never[]) => void {
    const run = (a: unknown, b: unknown, errors: unknown[], done: Done) =>
      registration.guard.enter(this.#deadlines, registration.tap, a, b, (error, result) => {
        const failure = error ?? this.#mistake(result);
        if (failure === undefined) done(undefined, result);
        else done(this.#fail(registration, failure, errors));
      });
    const byValues = [
      (errors: unknown[], done: Done) => run(undefined, undefined, errors, done),
      (a: unknown, errors: unknown[], done: Done) => run(a, undefined, errors, done),
      run,
    ];
    return byValues[this.#kind.values] as (...values: never[]) => void;
  }

  #synchronous(registration: Registration): (...values: never[]) => unknown {
    const { guard, tap } = registration;
    const run = (a: unknown, b: unknown, errors: unknown[]) => {
      try {
        const result = guard.call(tap, a, b);
        const mistake = this.#mistake(result);
        if (mistake === undefined) return result;
        throw mistake;
      } catch (error) {
        const ending = this.#fail(registration, error ?? new Error('threw nothing'), errors);
        if (ending !== undefined) throw ending;
        return undefined;
      }
    };
    const byValues = [
      (errors: unknown[]) => run(undefined, undefined, errors),
      (a: unknown, errors: unknown[]) => run(a, undefined, errors),
      run,
    ];
    return byValues[this.#kind.values] as (...values: never[]) => unknown;
  }

  #mistake(answer: unknown): Error | undefined {
    const { fits, expected } = this.#kind.answer;
    if (answer === undefined || passes(fits, answer)) return undefined;
    return new TypeError(`it answered ${shown(answer)}; expected: ${expected}, or nothing`);
  }

  /** Does with a failure what the kind says; returns the error that ends the hook point, if it does. */
  #fail(registration: Registration, error: unknown, errors: unknown[]): unknown {
    const { onFailure } = this.#kind;
    if (onFailure === 'passed over' || isTimeout(error)) {
      this.#failed(registration.guard, this.#where(registration), error);
    }
    if (onFailure === 'gathered') errors.push(error);
    return onFailure === 'ends' ? error : undefined;
  }

  #where({ guard, label }: Registration): string {
    return label === guard.owner ? `tap ${this.name}` : `tap ${this.name} (${label})`;
  }
}

/** An answer that cannot even be read does not fit. */
function passes(fits: (answer: unknown) => boolean, answer: unknown): boolean {
  try {
    return fits(answer);
  } catch {
    return false;
  }
}

/** Whatever it is: in circles, not for JSON, with getters that throw. */
function shown(answer: unknown): string {
  return inspect(answer, { depth: 1, breakLength: Number.POSITIVE_INFINITY, customInspect: false }).slice(
    0,
    80,
  );
}

type Done = (error?: unknown, result?: unknown) => void;

function isTimeout(error: unknown): boolean {
  return error instanceof NetconfError && error.code === 'TimedOut';
}
