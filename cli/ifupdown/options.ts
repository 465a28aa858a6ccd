import { canonicalName, Options } from '../../plugins/interfaces/parse/options.ts';
import type { Command } from './command.ts';
import { type Grammar, getopt } from './getopt.ts';
import { type Say, Stop } from './say.ts';
import { helpText, versionText } from './texts.ts';

/** What the command line of ifup, ifdown or ifquery says; ifup(8). Texts are bytes (latin1). */
export interface Line {
  command: Command;
  all: boolean;
  allow?: string;
  /** @default /etc/network/interfaces */
  file?: string;
  exclude: string[];
  /** Print what would be done. */
  noAct: boolean;
  /** Print the commands, run nothing, but keep state. */
  noActCommands: boolean;
  mappings: boolean;
  noScripts?: true | string;
  noLoopback: boolean;
  force: boolean;
  ignoreErrors: boolean;
  /** `-o`, by ifupdown's rules for names that come more than once. */
  set: Options;
  list: boolean;
  state: boolean;
  stateDirectory?: string;
  verbose: boolean;
  dialect: 'debian' | 'ng';
  /** Options that were given and count where nothing is changed only. */
  forDryRuns: string[];
  /** The control socket of netconfd. */
  socket?: string;
  /** netconf's configuration file, for operations in this process. */
  config?: string;
  /** Start the operation in this process, whether a daemon runs or not. */
  standalone: boolean;
  words: string[];
}

const grammar: Grammar<string> = {
  long: [
    ['help', 'no', 'help'],
    ['version', 'no', 'version'],
    ['verbose', 'no', 'verbose'],
    ['all', 'no', 'all'],
    ['allow', 'required', 'allow'],
    ['interfaces', 'required', 'interfaces'],
    ['exclude', 'required', 'exclude'],
    ['no-act', 'no', 'no-act'],
    ['no-act-commands', 'no', 'no-act-commands'],
    ['no-mappings', 'no', 'no-mappings'],
    // ifupdown 0.8.41 takes no pattern here, later ones do.
    ['no-scripts', 'optional', 'no-scripts'],
    ['no-loopback', 'no', 'no-loopback'],
    ['force', 'no', 'force'],
    ['ignore-errors', 'no', 'ignore-errors'],
    ['option', 'required', 'option'],
    ['list', 'no', 'list'],
    ['state', 'no', 'state'],
    ['read-environment', 'no', 'read-environment'],
    ['state-dir', 'required', 'state-dir'],
    ['dialect', 'required', 'dialect'],
    ['socket', 'required', 'socket'],
    ['config', 'required', 'config'],
    ['standalone', 'no', 'standalone'],
  ],
  short: {
    X: ['required', 'exclude'],
    s: ['required', 'nothing'],
    i: ['required', 'interfaces'],
    o: ['required', 'option'],
    h: ['no', 'help'],
    V: ['no', 'version'],
    v: ['no', 'verbose'],
    n: ['no', 'no-act'],
    a: ['no', 'all'],
    l: ['no', 'list'],
    f: ['no', 'force'],
  },
};

/** Reads a command line in its order, as its messages depend on it. Throws {@link Stop} where the program ends here. */
export function readLine(
  command: Command,
  argv: readonly string[],
  say: Say,
  environment = process.env,
): Line {
  const line: Line = {
    command,
    all: false,
    exclude: [],
    noAct: command === 'ifquery',
    noActCommands: false,
    mappings: true,
    noLoopback: false,
    force: false,
    ignoreErrors: command === 'ifdown',
    set: new Options(),
    list: false,
    state: false,
    verbose: false,
    dialect: 'debian',
    forDryRuns: [],
    standalone: false,
    words: [],
  };
  for (const word of getopt(argv, grammar)) {
    if ('operand' in word) line.words.push(word.operand);
    else if ('error' in word) {
      say.error(`${say.program}: ${word.error}`);
      say.usage();
    } else take(line, word.option, word.value, say, environment);
  }
  return line;
}

function take(
  line: Line,
  option: string,
  value: string | undefined,
  say: Say,
  environment: NodeJS.ProcessEnv,
): void {
  const asks = line.command === 'ifquery';
  switch (option) {
    case 'help':
      for (const text of helpText(line.command)) say.line(text);
      throw new Stop(0);
    case 'version':
      for (const text of versionText(line.command)) say.line(text);
      throw new Stop(0);
    case 'verbose':
    case 'all':
    case 'standalone':
      line[option] = true;
      return;
    case 'allow':
    case 'config':
    case 'socket':
      if (value !== undefined) line[option] = value;
      return;
    case 'interfaces':
      if (value !== undefined) line.file = value;
      return;
    case 'exclude':
      line.exclude.push(value ?? '');
      return;
    case 'no-act':
      if (asks) say.usage();
      line.noAct = true;
      line.noActCommands = true;
      return;
    case 'no-act-commands':
      line.noActCommands = true;
      return;
    case 'no-mappings':
      line.mappings = false;
      return;
    case 'no-scripts':
      line.noScripts = value ?? true;
      return;
    case 'no-loopback':
      line.noLoopback = true;
      return;
    case 'force':
      if (asks) say.usage();
      line.force = true;
      return;
    case 'ignore-errors':
      line.ignoreErrors = true;
      return;
    case 'option':
      setOption(line, value ?? '', say);
      return;
    case 'list':
      if (!asks || line.list) say.usage();
      line.list = true;
      return;
    case 'state':
      if (!asks || line.list) say.usage();
      line.state = true;
      return;
    case 'read-environment':
      readEnvironment(line, environment);
      return;
    case 'state-dir':
      if (value !== undefined) line.stateDirectory = value;
      line.forDryRuns.push('--state-dir');
      return;
    case 'dialect':
      if (value !== 'debian' && value !== 'ng') say.fail(`unknown dialect "${value}": debian or ng`);
      line.dialect = value;
      line.forDryRuns.push('--dialect');
      return;
    default:
      say.usage();
  }
}

function setOption(line: Line, text: string, say: Say): void {
  const at = text.indexOf('=');
  if (at < 0) say.fail(`error in --option "${text}" -- no "=" character`);
  line.set.set(canonicalName(text.slice(0, at)), text.slice(at + 1));
}

/** The variables of /etc/default/networking. */
function readEnvironment(line: Line, environment: NodeJS.ProcessEnv): void {
  if (environment.VERBOSE === 'yes') line.verbose = true;
  if (environment.CONFIGURE_INTERFACES === 'no') line.noAct = true;
  line.exclude.push(...(environment.EXCLUDE_INTERFACES ?? '').split(/[ \t\n]+/).filter(word => word !== ''));
}
