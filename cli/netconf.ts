#!/usr/bin/env node
import { type Choice, parseCommandLine } from '../core/base/command-line.ts';
import { version } from '../core/base/version.ts';
import { report } from './failure.ts';
import { endOnClosedPipe } from './output.ts';
import { netconf } from './table.ts';

/** What a command comes to: the exit status. */
type Command = (choice: Choice) => Promise<number>;

/** Each command's module is loaded only when it is called: starting is most of what a short command costs. */
const commands: Record<string, () => Promise<Command>> = {
  check: async () => (await import('./commands/check.ts')).check,
  completion: async () => (await import('./commands/completion.ts')).completion,
  emit: async () => (await import('./commands/emit.ts')).emit,
  explain: async () => (await import('./commands/explain.ts')).explain,
  history: async () => (await import('./commands/history.ts')).history,
  'hook test': async () => (await import('./commands/hook-test.ts')).hookTest,
  monitor: async () => (await import('./commands/monitor.ts')).monitor,
  'plugin load': async () => (await import('./commands/plugin.ts')).load,
  'plugin unload': async () => (await import('./commands/plugin.ts')).unload,
  plugins: async () => (await import('./commands/plugins.ts')).plugins,
  reload: async () => (await import('./commands/reload.ts')).reload,
  status: async () => (await import('./commands/status.ts')).status,
};

endOnClosedPipe();
// No await here: the bundle is CommonJS.
main(process.argv.slice(2))
  .catch(report)
  .then(status => {
    process.exitCode = status;
  });

async function main(argv: string[]): Promise<number> {
  // Its options are those of another program, so its own parser reads them.
  if (argv[0] === 'run-parts') return (await import('./run-parts.ts')).runParts(argv.slice(1));
  const choice = parseCommandLine(netconf, argv, version);
  if (typeof choice === 'number') return choice;
  const command = commands[choice.command];
  if (command === undefined) throw new Error(`no command ${choice.command}`);
  return (await command())(choice);
}
