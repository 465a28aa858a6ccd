import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Choice } from '../../core/base/choice.ts';
import { messageOf } from '../../core/base/errors.ts';
import { levelsOf } from '../../core/base/levels.ts';
import { visible } from '../../core/base/terminal.ts';
import { checkEventName } from '../../core/bus/catalogue.ts';
import { Event } from '../../core/bus/event.ts';
import { loadConfiguration } from '../../core/config/load.ts';
import type { Configuration } from '../../core/config/schema.ts';
import { defaultSocket } from '../../core/control/path.ts';
import { HookDirectories } from '../../core/runner/directories.ts';
import { runScripts } from '../../core/runner/run-scripts.ts';
import { isMistake } from '../check-hooks.ts';
import { readData } from '../event-data.ts';
import { complain, status } from '../failure.ts';
import { hasFailed, outcomeLines } from '../outcome.ts';
import { paintOutput, writeJson, writeLine } from '../output.ts';

/** Runs the scripts of a made-up event as the daemon would. Status 1 if one of them failed or was refused. */
export async function hookTest(choice: Choice): Promise<number> {
  const [name, ...pairs] = choice.arguments;
  checkEventName(name);
  const event = madeUp(name, choice.value('interface'), readData(pairs));
  // Absolute before anything changes the working directory.
  const hooks = choice.values('hooks').map(directory => resolve(directory));
  const socket = choice.value('socket');
  const configuration = await configured();
  const emitted: string[] = [];
  const levels = levelsOf('hooks.d', hooks.length > 0 ? hooks : (configuration?.paths.hooks ?? []));
  const entry = await runScripts(event, {
    levels,
    ...(configuration && { settings: configuration.hooks }),
    socket: socket === undefined ? defaultSocket() : resolve(socket),
    emit: (script, emission) => emitted.push(`${script}: ${JSON.stringify(emission)}`),
  });
  if (choice.flag('json')) {
    await writeJson(entry);
  } else {
    const nothing = entry.runs.length + entry.refused.length === 0;
    if (nothing) await writeLine(`no script wants ${name}`);
    for (const line of outcomeLines(entry, paintOutput(), 'all')) await writeLine(line);
    for (const line of emitted) await writeLine(`  would emit, ${visible(line)}`);
    for (const line of notScripts(levels, name)) await writeLine(`  does not run  ${visible(line)}`);
  }
  return hasFailed(entry) ? status.failed : status.success;
}

/** What lies in the event's own directories and is no script, such as a file that nobody has made executable. */
function notScripts(levels: readonly string[], name: string): string[] {
  return new HookDirectories(levels)
    .select({ name, top: false })
    .excluded.filter(one => !one.refused && isMistake(one))
    .map(({ script, reason }) => `${script}: ${reason}`);
}

function madeUp(name: string, on: string | undefined, data: Record<string, unknown>): Event {
  const source = `user:${process.getuid?.() ?? 0}` as const;
  return new Event(0, name, {
    source,
    interface: on,
    ifindex: on === undefined ? undefined : indexOf(on),
    data,
  });
}

/** The kernel's index of an interface; none for one that is as made up as the event. */
function indexOf(name: string): number | undefined {
  try {
    return name.includes('/') ? undefined : Number(readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** A broken configuration is told of, and does not keep anybody from trying a script. */
async function configured(): Promise<Configuration | undefined> {
  try {
    return (await loadConfiguration()).configuration;
  } catch (error) {
    complain(messageOf(error), 'the defaults are used');
    return undefined;
  }
}
