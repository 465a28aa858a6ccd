/**
 * The shape of the table that a program's command line, `--help`, manual page and completion are made from. Pure
 * data: no function in it, so that all of them say the same.
 */
export interface Program extends Command {
  /** Section of the manual. */
  section: 8;
  exit: readonly Term[];
  environment: readonly Term[];
  files: readonly Term[];
  /** `netconf-hooks(7)` and the like. */
  seeAlso: readonly string[];
}

export interface Command {
  name: string;
  /** One sentence without a full stop, beginning in lower case. */
  help: string;
  /** Paragraphs of the manual page, and of this command's own `--help`. */
  description?: readonly string[];
  arguments?: readonly Argument[];
  options?: readonly Option[];
  commands?: readonly Command[];
  /** Command lines with what they do. */
  examples?: readonly Term[];
  /** The arguments are another parser's: they are handed on as they are. */
  verbatim?: true;
}

export interface Argument {
  /** In capitals, as `--help` shows it. */
  name: string;
  help: string;
  optional?: true;
  /** Any number of them, at the end. */
  many?: true;
  complete?: Values;
}

export interface Option {
  /** Long name without the dashes. */
  name: string;
  short?: string;
  /** What its value is called, in capitals; a flag without it. */
  value?: string;
  /** May be given more than once; all values count. */
  many?: true;
  help: string;
  complete?: Values;
}

/** What the shell completes: one of a list, or what only the system or the daemon knows. */
export type Values = 'file' | 'directory' | 'event' | 'interface' | 'plugin' | readonly string[];

export interface Term {
  name: string;
  help: string;
}

/** Options that every program has. */
export const standardOptions: readonly Option[] = [
  { name: 'version', help: 'print the version and exit' },
  { name: 'help', short: 'h', help: 'print this help and exit' },
];

/** `-h, --help`, `--hooks <DIR>`. */
export function flagsOf(option: Option): string {
  const name = option.short === undefined ? `--${option.name}` : `-${option.short}, --${option.name}`;
  return option.value === undefined ? name : `${name} <${option.value}>`;
}

/** `NAME`, `[NAME]`, `[NAME...]`, `<NAME...>` with the brackets that say whether it must be given. */
export function usageOf(argument: Argument): string {
  const name = argument.many ? `${argument.name}...` : argument.name;
  return argument.optional ? `[${name}]` : `<${name}>`;
}
