import { Bus } from '../../core/bus/bus.ts';
import type { Event } from '../../core/bus/event.ts';
import { operateFor } from '../../core/interface/for-plugins.ts';
import { Operations } from '../../core/interface/operations.ts';
import type { Ask } from '../../core/interface/parts.ts';
import { Records } from '../../core/interface/records.ts';
import { Configured } from '../../core/plugin/configured.ts';
import type { Netconf } from '../../core/plugin/contract.ts';
import type { Declared, Operation, Plan, Stanza, StepResult } from '../../core/plugin/hooks.ts';
import { Host } from '../../core/plugin/host.ts';
import { offRecord } from '../../core/plugin/on-record.ts';
import { Programs } from '../../core/runner/programs.ts';
import { Folder } from '../folder.ts';

/** What the made-up world of a test says and does; change it between operations. */
export interface World {
  plans: Record<string, Partial<Plan>>;
  /** By the name under which the source knows the interface. Others are unknown. */
  stanzas: Record<string, Stanza[]>;
  declared: Declared[];
  /** Called for each phase and step, by hook point; throws to fail. */
  at: (hook: string, operation: Operation) => StepResult | undefined | Promise<StepResult | undefined>;
}

export const stanza = (step = 'Work', more: Partial<Stanza> = {}): Stanza => ({
  family: 'inet',
  method: step.toLowerCase(),
  step,
  options: [],
  ...more,
});

const phases = ['create', 'preUp', 'postUp', 'preDown', 'postDown', 'destroy'] as const;
export const steps = ['Work', 'Other', 'Fallback'] as const;

/** Operations with bus, host and records of a test's own, and one plugin that does what the world says. */
export class Machine implements AsyncDisposable {
  readonly folder = new Folder();
  readonly events: Event[] = [];
  /** `hook interface step`, in the order in which taps were entered. */
  readonly trace: string[] = [];
  readonly world: World = { plans: {}, stanzas: {}, declared: [], at: () => undefined };
  readonly warnings: string[] = [];
  readonly bus: Bus;
  readonly records: Records;
  readonly programs: Programs;
  readonly operations: Operations;
  readonly host: Host;

  /** @param directory of the records, to share them with another machine */
  constructor(directory?: string) {
    this.bus = new Bus((_owner, _event, error) => {
      throw error;
    });
    this.bus.observe(event => this.events.push(event));
    const line = (message: string) => this.warnings.push(message);
    const log = { error: line, warning: line, notice: line, info: line };
    const run = directory ?? `${this.folder.path}/interfaces`;
    this.records = new Records(run, log);
    this.programs = new Programs({ methods: [`${this.folder.path}/methods`], handles: run });
    this.host = new Host({
      bus: this.bus,
      record: offRecord,
      observe: false,
      paths: () => ({
        policy: [],
        methods: [],
        run: this.folder.path,
        socket: `${this.folder.path}/control`,
      }),
      programs: this.programs,
      stateOf: () => undefined,
      operate: (plugin, request, on, options) => operateFor(this.operations, plugin, request, on, options),
      indexOf: () => undefined,
      replay: () => [],
      onDisable: () => undefined,
    });
    const { bus, records, programs } = this;
    const configured = new Configured();
    this.operations = new Operations({
      bus,
      hooks: this.host.hooks,
      records,
      programs,
      configured,
      log,
      observe: false,
    });
  }

  /** The plugin of the world. */
  async begin(apply: (netconf: Netconf) => void = () => undefined): Promise<this> {
    const plugin = { name: 'world', apply: (netconf: Netconf) => this.#apply(netconf, apply) };
    await this.host.apply(plugin, { name: 'world', file: '', version: null, stamp: '' }, {}, false);
    return this;
  }

  up(name: string, ask: Partial<Ask> = {}) {
    return this.operations.operate('ifup', { interface: name, ...ask });
  }

  down(name: string, ask: Partial<Ask> = {}) {
    return this.operations.operate('ifdown', { interface: name, ...ask });
  }

  /** Names of the events of families `interface` and `request`, with their interface. */
  told(): string[] {
    return this.events.map(({ name, interface: on }) => `${name} ${on}`);
  }

  status(name: string) {
    return this.operations.status().find(one => one.interface === name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.operations.stop();
    this.folder[Symbol.dispose]();
  }

  #apply(netconf: Netconf, more: (netconf: Netconf) => void): void {
    const { world } = this;
    netconf.hooks.plan.tap('world', ({ subject = '' }) => ({
      file: 'world',
      prerequisites: [],
      start: 'ENI',
      steps: {},
      ...world.plans[subject],
    }));
    netconf.hooks.declared.tap('world', all => [...all, ...world.declared]);
    netconf.hooks.source.for('ENI').tap('world', operation => world.stanzas[operation.logical]);
    const enter = (hook: string) => (operation: Operation) => {
      const { interface: on, step, request } = operation;
      this.trace.push(hook === 'step' ? `${hook} ${on} ${step} ${request}` : `${hook} ${on} ${step}`);
      return world.at(hook, operation);
    };
    for (const phase of phases) {
      netconf.hooks[phase].tapPromise('world', async operation => {
        await enter(phase)(operation);
      });
    }
    for (const step of steps) {
      netconf.hooks.step
        .for(step)
        .tapPromise('world', async operation => (await enter('step')(operation)) ?? { outcome: 'OK' });
    }
    more(netconf);
  }
}
