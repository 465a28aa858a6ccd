import { failureOf, type Netconf, type Operation, type ProgramRun } from 'netconf/plugin';
import { fnmatch } from '../match/fnmatch.ts';
import type { Options } from '../parse/options.ts';
import { environmentOf, optionsOf, type Phase } from './environment.ts';

/** What a phase does: the options and the directory of scripts that belong to it, in ifupdown's order. */
interface Moment {
  phase: Phase;
  option: 'pre-up' | 'up' | 'down' | 'post-down';
  optionsFirst: boolean;
}

/** What comes first and last: plugins that do the work of scripts stand between the commands and the scripts. */
const stages = [-10, 10];

const moments = {
  preUp: { phase: 'pre-up', option: 'pre-up', optionsFirst: true },
  postUp: { phase: 'post-up', option: 'up', optionsFirst: true },
  preDown: { phase: 'pre-down', option: 'down', optionsFirst: false },
  postDown: { phase: 'post-down', option: 'post-down', optionsFirst: false },
} as const satisfies Record<string, Moment>;

export interface PhaseSettings {
  /** Where if-up.d and its like lie. */
  scripts: string;
  /** Seconds a command or script may take. */
  deadline: number;
  /** Patterns of `no-scripts` that count for an operation. */
  withoutScripts: (operation: Operation) => readonly string[];
}

/**
 * Runs the commands of stanzas and the scripts of /etc/network/if-*.d around each step. On the way up the first failure
 * ends it, unless errors are ignored; on the way down all is run, and failures are told together.
 */
export function tapPhases(netconf: Netconf, settings: PhaseSettings): void {
  for (const [name, moment] of Object.entries(moments) as [keyof typeof moments, Moment][]) {
    const parts = [
      { label: `options ${moment.option}`, part: 'commands' },
      { label: `${settings.scripts}/if-${moment.option}.d`, part: 'scripts' },
    ] as const;
    for (const [at, { label, part }] of (moment.optionsFirst ? parts : parts.toReversed()).entries()) {
      netconf.hooks[name].tapPromise({ name: label, stage: stages[at]! }, operation =>
        new PhaseRun(netconf, settings, moment, operation).run(part),
      );
    }
  }
}

class PhaseRun {
  readonly #netconf: Netconf;
  readonly #settings: PhaseSettings;
  readonly #moment: Moment;
  readonly #operation: Operation;
  readonly #options: Options;
  readonly #environment: Record<string, string>;
  readonly #goesOn: boolean;
  readonly #failures: string[] = [];

  constructor(netconf: Netconf, settings: PhaseSettings, moment: Moment, operation: Operation) {
    this.#netconf = netconf;
    this.#settings = settings;
    this.#moment = moment;
    this.#operation = operation;
    this.#options = optionsOf(operation);
    const environment = environmentOf(operation, moment.phase, this.#options);
    const { socket } = netconf.paths;
    this.#environment = socket === usualSocket ? environment : { ...environment, NETCONF_SOCKET: socket };
    const { force, ignoreErrors } = operation.options;
    this.#goesOn = operation.request === 'ifdown' || force === true || ignoreErrors === true;
  }

  async run(part: 'commands' | 'scripts'): Promise<void> {
    await (part === 'commands' ? this.#commands() : this.#scripts());
    if (this.#failures.length === 0) return;
    const errors = this.#failures.map(failure => new Error(failure));
    throw errors.length === 1 ? errors[0] : new AggregateError(errors, this.#failures.join('; '));
  }

  async #commands(): Promise<void> {
    for (const { name, value } of this.#options) {
      if (name !== this.#moment.option) continue;
      // ifupdown: what begins with a dash may fail.
      const mayFail = value.startsWith('-');
      const command = mayFail ? value.slice(1) : value;
      const run = await this.#netconf.run({ path: shell, argv: ['-c', command], ...this.#common() });
      if (mayFail || failureOf(run) === undefined) continue;
      this.#failures.push(`${name} ${command}: ${outcomeOf(run)}`);
      if (!this.#goesOn) return;
    }
  }

  async #scripts(): Promise<void> {
    const { noScripts } = this.#operation.options;
    const { logical, stanza } = this.#operation;
    const without = this.#settings.withoutScripts(this.#operation);
    if (noScripts === true || without.some(pattern => fnmatch(pattern, stanza.logical ?? logical))) return;
    const folder = `if-${this.#moment.option}.d`;
    const directory = `${this.#settings.scripts}/${folder}`;
    const replaced = new Set(
      this.#netconf.gather('replaced', [], this.#operation).map(({ script }) => script),
    );
    const { runs } = await this.#netconf.runParts(directory, {
      ...this.#common(),
      exitOnError: !this.#goesOn,
      only: name =>
        !replaced.has(`${folder}/${name}`) && (noScripts === undefined || !fnmatch(noScripts, name)),
    });
    for (const run of runs) {
      const failure = failureOf(run);
      if (failure !== undefined) this.#failures.push(failure);
    }
  }

  #common() {
    const operation = this.#operation;
    return { environment: this.#environment, deadline: this.#settings.deadline, operation };
  }
}

const shell = '/bin/sh';
const usualSocket = '/run/netconf/control';

function outcomeOf(run: ProgramRun): string {
  if (run.timedOut) return 'took longer than its deadline';
  if (run.signal !== null) return `ended by ${run.signal}`;
  return run.error ?? `ended with status ${run.status}`;
}
