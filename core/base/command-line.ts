import { Choice, type OptionValue } from './choice.ts';
import type { Command, Option, Program } from './program.ts';

/**
 * Reads a command line (without the interpreter and the program's own name) by the program's table.
 *
 * Returns the choice, or the status to exit with: 0 after `--help` or `--version`, 2 after a usage error. What there
 * is to say has been printed then.
 *
 * A line that is plainly right is read here; all others are commander's, which is loaded only then: it takes longer to
 * start than a whole command (see docs/decisions). `whole`: the table with the words for people, where `program` has
 * none.
 */
export async function parseCommandLine(
  program: Program,
  argv: readonly string[],
  version: string,
  whole: () => Promise<Program> = async () => program,
): Promise<Choice | number> {
  if (argv.length === 1 && argv[0] === '--version') {
    console.log(version);
    return 0;
  }
  const plain = readPlainly(program, argv);
  if (plain !== undefined) return plain;
  const { parseWithCommander } = await import('./commander-line.ts');
  return parseWithCommander(await whole(), argv, version);
}

/** The choice, where every word is known by its full name and nothing is missing or too much; else undefined. */
function readPlainly(program: Program, argv: readonly string[]): Choice | undefined {
  let command: Command = program;
  const path: string[] = [];
  const known = new Map(program.options?.map(option => [option.name, option]));
  const options = new Map<string, OptionValue>();
  const given: string[] = [];
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word.startsWith('-')) {
      if (!takeOption(word, words, known, options)) return undefined;
    } else if (command.commands !== undefined) {
      const below: Command | undefined = command.commands.find(({ name }) => name === word);
      if (below === undefined) return undefined;
      command = below;
      path.push(below.name);
      for (const option of below.options ?? []) known.set(option.name, option);
    } else given.push(word);
  }
  if (command.commands !== undefined || command.verbatim || !fits(command, given.length)) return undefined;
  return new Choice(path.join(' '), given, options);
}

function takeOption(
  word: string,
  words: string[],
  known: ReadonlyMap<string, Option>,
  options: Map<string, OptionValue>,
): boolean {
  const [, name, , ownValue] = /^--([a-z][a-z-]*)(=(.*))?$/s.exec(word) ?? [];
  const option = name === undefined ? undefined : known.get(name);
  if (name === undefined || option === undefined) return false;
  if (option.value === undefined) {
    if (ownValue !== undefined) return false;
    options.set(name, true);
    return true;
  }
  const value = ownValue ?? words.shift();
  if (value === undefined || value === '' || (ownValue === undefined && value.startsWith('-'))) return false;
  const before = options.get(name);
  options.set(name, option.many ? [...(Array.isArray(before) ? before : []), value] : value);
  return true;
}

function fits(command: Command, given: number): boolean {
  const all = command.arguments ?? [];
  const least = all.filter(({ optional }) => !optional).length;
  return given >= least && (given <= all.length || all.at(-1)?.many === true);
}
