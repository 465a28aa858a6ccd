import {
  type Argument,
  type Command,
  type Option,
  type Program,
  standardOptions,
  type Values,
} from '../../core/base/program.ts';

/** One place on a command line: after which words (`plugin load`), and what may stand there. */
export interface Node {
  readonly path: string;
  readonly commands: readonly Command[];
  /** Those of the programs above it too. */
  readonly options: readonly Option[];
  readonly arguments: readonly Argument[];
}

/** Every place of a program's command line, the program itself first. */
export function nodesOf(program: Program): Node[] {
  const [version, help] = standardOptions;
  const above = [...(program.options ?? []), ...(help ? [help] : [])];
  return walk(program, '', version ? [...above, version] : above, above);
}

function walk(command: Command, path: string, options: readonly Option[], shared: readonly Option[]): Node[] {
  const commands = command.commands ?? [];
  const below = commands.flatMap(one =>
    walk(one, `${path} ${one.name}`.trim(), [...(one.options ?? []), ...shared], shared),
  );
  return [{ path, commands, options, arguments: command.arguments ?? [] }, ...below];
}

/** What may be completed for the arguments of a node: of its first argument that can be completed. */
export function argumentValues(node: Node): Values | undefined {
  return node.arguments.find(argument => argument.complete !== undefined)?.complete;
}

/** The spellings of an option: `-h`, `--help`. */
export function spellings(option: Option): string[] {
  return [...(option.short === undefined ? [] : [`-${option.short}`]), `--${option.name}`];
}

/** For every shell: a word that it reads as it stands. */
export function quote(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`;
}

/** Shell commands that print what only the system or the daemon knows, one a line. */
export const lister = {
  interface: 'command ls /sys/class/net 2>/dev/null',
  plugin: "netconf plugins 2>/dev/null | awk 'NR > 1 && !/^ / { print $1 }'",
} as const;
