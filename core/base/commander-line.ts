import { Command as Commander, CommanderError } from 'commander';
import { Choice, type OptionValue } from './choice.ts';
import { type Command, flagsOf, type Option, type Program, standardOptions, usageOf } from './program.ts';
import { visible } from './terminal.ts';

/**
 * Reads a command line with commander, which says what is wrong with it, helps, and suggests. See `parseCommandLine`.
 */
export function parseWithCommander(
  program: Program,
  argv: readonly string[],
  version: string,
): Choice | number {
  let choice: Choice | undefined;
  const root = build(program, made => {
    choice = made;
  });
  const [versionOption] = standardOptions;
  root.version(version, '--version', versionOption?.help);
  root.addHelpText('after', () => `\n${section('Exit status', program.exit)}`);
  try {
    root.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  return choice ?? 2;
}

function build(program: Program, chosen: (choice: Choice) => void): Commander {
  const root = new Commander(program.name);
  // Before the commands are made: they inherit these settings.
  root
    .exitOverride()
    .helpOption('-h, --help', standardOptions.find(option => option.name === 'help')?.help)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      outputError: (text, write) =>
        write(text.replace(/^error: (.*)/, (_, rest) => line(program.name, rest))),
    });
  fill(root, program, program.name, [], chosen);
  return root;
}

function line(program: string, sentence: string): string {
  return `${program}: ${visible(sentence)}`;
}

function fill(
  commander: Commander,
  command: Command,
  root: string,
  path: readonly string[],
  chosen: (choice: Choice) => void,
): void {
  const words = [root, ...path].join(' ');
  commander
    .helpCommand(false)
    .summary(command.help)
    .description(paragraphs(command))
    .showHelpAfterError(`Try '${words} --help'.`);
  for (const argument of command.arguments ?? []) commander.argument(usageOf(argument), argument.help);
  for (const option of command.options ?? []) addOption(commander, option);
  if (command.verbatim) commander.allowUnknownOption().allowExcessArguments();
  for (const below of command.commands ?? []) {
    fill(commander.command(below.name), below, root, [...path, below.name], chosen);
  }
  if (command.examples) commander.addHelpText('after', `\n${section('Examples', command.examples)}`);
  if (command.commands === undefined) {
    commander.action(() =>
      chosen(
        new Choice(
          path.join(' '),
          commander.processedArgs.flat().filter(value => typeof value === 'string'),
          dashed(commander.optsWithGlobals()),
        ),
      ),
    );
  }
}

function paragraphs(command: Command): string {
  const first = `${command.help.charAt(0).toUpperCase()}${command.help.slice(1)}.`;
  return [first, ...(command.description ?? [])].join('\n\n');
}

function addOption(commander: Commander, option: Option): void {
  if (option.many) {
    const gather = (value: string, before: string[] | undefined) => [...(before ?? []), value];
    commander.option(flagsOf(option), option.help, gather);
  } else {
    commander.option(flagsOf(option), option.help);
  }
}

function section(title: string, terms: readonly { name: string; help: string }[]): string {
  const width = Math.max(...terms.map(term => term.name.length));
  // Command lines stand on lines of their own: what they do goes below.
  const lines = terms.map(({ name, help }) =>
    width > 24 ? `  ${name}\n      ${help}` : `  ${name.padEnd(width)}  ${help}`,
  );
  return `${title}:\n${lines.join('\n')}`;
}

/** commander keeps `--receive-buffer` as `receiveBuffer`. */
function dashed(options: Record<string, unknown>): Map<string, OptionValue> {
  const entries = Object.entries(options) as [string, OptionValue][];
  return new Map(
    entries.map(([name, value]) => [name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`), value]),
  );
}
