import type { Event } from '../bus/event.ts';
import type { HistoryEntry } from '../control/api.ts';
import { HookDirectories } from './directories.ts';
import type { EnvironmentHook } from './environment.ts';
import { runEventScripts } from './event-scripts.ts';
import { type Record, toEntry } from './history.ts';
import { Scripts } from './scripts.ts';
import { deadlineOf, type RunnerSettings, topEvents, withDefaults } from './settings.ts';
import type { Emission } from './way-back.ts';

export interface RunScriptsOptions {
  levels: readonly string[];
  settings?: RunnerSettings;
  socket: string;
  environment?: EnvironmentHook;
  pluginFamilies?: () => ReadonlySet<string>;
  /** Told what scripts write to descriptor 3; throws to refuse. Nothing is published. */
  emit?: (script: string, emission: Emission) => void;
}

/** Runs the scripts of a made-up event, as the daemon would, without one: `netconf hook test`. Never rejects. */
export async function runScripts(event: Event, options: RunScriptsOptions): Promise<HistoryEntry> {
  const settings = withDefaults(options.settings ?? {});
  const isTop = topEvents(settings.events, options.pluginFamilies ?? (() => new Set()));
  const record: Record = { event, state: 'queued', runs: [], refused: [] };
  const scripts = new Scripts();
  await runEventScripts(
    record,
    { name: event.name, top: isTop(event.name) },
    {
      directories: new HookDirectories(options.levels),
      scripts,
      socket: options.socket,
      environment: options.environment,
      deadline: script => deadlineOf(script, settings),
      emit: (script, emission) => options.emit?.(script, emission),
    },
  );
  scripts.close();
  return toEntry(record);
}
