import type { Choice } from '../core/base/choice.ts';
import { parseCommandLine } from '../core/base/command-line.ts';
import { version } from '../core/base/version.ts';
import { report } from './failure.ts';
import { netconf } from './table.ts';

/** What a command comes to: the exit status. */
type Command = (choice: Choice) => Promise<number>;

/** Each command's module is loaded only when it is called: starting is most of what a short command costs. */
const commands: Record<string, () => Promise<Command>> = {
  emit: async () => (await import('./commands/emit.ts')).emit,
  explain: async () => (await import('./commands/explain.ts')).explain,
  history: async () => (await import('./commands/history.ts')).history,
  monitor: async () => (await import('./commands/monitor.ts')).monitor,
  'network apply': async () => (await import('./commands/network-apply.ts')).apply,
  'network confirm': async () => (await import('./commands/network-apply.ts')).confirm,
  'plugin load': async () => (await import('./commands/plugin.ts')).load,
  'plugin unload': async () => (await import('./commands/plugin.ts')).unload,
  plugins: async () => (await import('./commands/plugins.ts')).plugins,
  reload: async () => (await import('./commands/reload.ts')).reload,
  status: async () => (await import('./commands/status.ts')).status,
  'wait-online': async () => (await import('./commands/wait-online.ts')).waitOnline,
};

// No await here: the bundle is CommonJS. All has been written when a command is done: nothing is to be waited for.
main(process.argv.slice(2))
  .catch(report)
  .then(status => process.exit(status));

async function main(argv: string[]): Promise<number> {
  // Its options are those of another program, so its own parser reads them.
  if (argv[0] === 'run-parts') return (await import('./offline.ts')).runPartsReporting(argv.slice(1));
  const whole = async () => (await import('./offline.ts')).netconf;
  const choice = await parseCommandLine(netconf, argv, version, whole);
  if (typeof choice === 'number') return choice;
  const online = await commands[choice.command]?.();
  const command = online ?? (await import('./offline.ts')).offline[choice.command];
  if (command === undefined) throw new Error(`no command ${choice.command}`);
  return command(choice);
}
