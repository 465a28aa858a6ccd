import type { Choice } from '../../core/base/choice.ts';
import { withDaemon } from '../daemon.ts';
import { paintOutput, writeJson, writeLine } from '../output.ts';
import { pluginLines } from './plugins.ts';

/** Loads a plugin by its name; what came of it is printed. */
export async function load(choice: Choice): Promise<number> {
  const { plugin } = await withDaemon(choice, client => client.call('LoadPlugin', { name: nameOf(choice) }));
  if (choice.flag('json')) await writeJson(plugin);
  else for (const line of pluginLines([plugin], paintOutput())) await writeLine(line);
  return plugin.state === 'loaded' ? 0 : 1;
}

/** Takes back what a plugin registered. */
export async function unload(choice: Choice): Promise<number> {
  const reply = await withDaemon(choice, client => client.call('UnloadPlugin', { name: nameOf(choice) }));
  if (choice.flag('json')) await writeJson(reply);
  return 0;
}

function nameOf(choice: Choice): string {
  return choice.arguments[0] ?? '';
}
