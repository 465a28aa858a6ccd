import { basename, dirname } from 'node:path';
import { anyGlob } from '../base/glob.ts';
import { pluginFamilies, reservedFamilies } from '../bus/catalogue.ts';
import { familyOf } from '../bus/event.ts';
import { defaultSizes, type HistorySizes } from './history.ts';

/** What an administrator may set about hook scripts; a reload replaces it as a whole. */
export interface RunnerSettings {
  /** Names and patterns of the events that run the scripts in `hooks.d` itself. @default see {@link topEvents} */
  events?: readonly string[] | undefined;
  /** Run scripts for replayed events too, with NETCONF_REPLAYED=1. @default false */
  replay?: boolean;
  /** Seconds that a script may take. @default 30 */
  deadline?: number;
  /**
   * Seconds by script or directory: an absolute path, `link.carrier.d/50-vpn`, or `link.carrier.d`. The most precise
   * one counts.
   */
  deadlines?: Readonly<Record<string, number>>;
  /** Scripts that run at once. @default 64 */
  parallel?: number;
  /** Events that wait in one queue. @default 256 */
  queue?: number;
  history?: HistorySizes;
}

export type Settings = {
  [Key in Exclude<keyof RunnerSettings, 'events'>]-?: NonNullable<RunnerSettings[Key]>;
} & {
  events: readonly string[] | undefined;
};

export function withDefaults(settings: RunnerSettings): Settings {
  return {
    events: settings.events,
    replay: settings.replay ?? false,
    deadline: settings.deadline ?? 30,
    deadlines: settings.deadlines ?? {},
    parallel: settings.parallel ?? 64,
    queue: settings.queue ?? 256,
    history: settings.history ?? defaultSizes,
  };
}

/** Seconds. */
export function deadlineOf(script: string, settings: Settings): number {
  const { deadlines, deadline } = settings;
  const directory = dirname(script);
  const folder = basename(directory);
  const keys = [script, `${folder}/${basename(script)}`, directory, folder];
  const key = keys.find(each => Object.hasOwn(deadlines, each));
  return key === undefined ? deadline : (deadlines[key] ?? deadline);
}

const byDefault = anyGlob([
  'interface.*',
  'request.*',
  'dhcp.*',
  'link.up',
  'link.down',
  'link.carrier',
  'link.no-carrier',
]);

/** Too many, or about scripts and plugins themselves: whatever the pattern, only their own directories. */
const neverTop: ReadonlySet<string> = new Set(['address', 'route', 'neighbour', 'hook', 'plugin']);

/**
 * Do the scripts in `hooks.d` itself run for an event of this name? By default for interface, request and dhcp events,
 * `link.up`, `link.down`, `link.carrier`, `link.no-carrier`, the families of plugins, and custom events. A name that
 * `events` itself covers; never for address, route, neighbour, hook and plugin events.
 */
export function topEvents(
  events: readonly string[] | undefined,
  familiesOfPlugins: () => ReadonlySet<string>,
): (name: string) => boolean {
  const chosen = events === undefined ? undefined : events.length === 0 ? () => false : anyGlob(events);
  return name => {
    const family = familyOf(name);
    if (neverTop.has(family)) return false;
    if (chosen !== undefined) return chosen(name);
    if (byDefault(name)) return true;
    return !reservedFamilies.has(family) || pluginFamilies.has(family) || familiesOfPlugins().has(family);
  };
}
