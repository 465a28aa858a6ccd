import type { Bus } from '../bus/bus.ts';
import type { Event } from '../bus/event.ts';
import type { OperationResult, PluginReport } from '../control/api.ts';
import type { Programs } from '../runner/programs.ts';
import type { OperateOptions, Paths } from './contract.ts';
import type { TapDeadlines } from './hook-points.ts';
import type { OnRecord } from './on-record.ts';

/** What the host of plugins needs of the daemon. */
export interface HostParts {
  bus: Bus;
  record: OnRecord;
  observe: boolean;
  /** Where things lie now: read anew for each plugin. */
  paths: () => Paths;
  programs: Programs;
  /** Does an operation for a plugin. */
  operate: (
    plugin: string,
    request: 'ifup' | 'ifdown',
    on: string,
    options: OperateOptions,
  ) => Promise<OperationResult>;
  /** The index of the link that has this name now. */
  indexOf: (link: string) => number | undefined;
  /** Of a plugin in the directories: is it loaded, and if not, was that wanted? */
  stateOf: (plugin: string) => PluginReport['state'] | undefined;
  deadlines?: TapDeadlines;
  /** What exists already, for a plugin that comes late. */
  replay: () => Iterable<Event>;
  /** Is told when a plugin is to be disabled; it unloads it and those that need it. */
  onDisable: (name: string, reason: string) => void;
}
