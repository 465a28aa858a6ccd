/** What run-parts' command line says. Texts are bytes (latin1): arguments and names need not be UTF-8. */
export interface RunPartsOptions {
  directory: string;
  arguments: string[];
  names: 'usual' | 'lsb' | { regex: string };
  umask: number | undefined;
  test: boolean;
  list: boolean;
  verbose: boolean;
  debug: boolean;
  report: boolean;
  reverse: boolean;
  exitOnError: boolean;
  stdin: boolean;
  newSession: boolean;
}

/** The program ends with this status; what there was to say has been said. */
export class Stop extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`exit ${status}`);
    this.status = status;
  }
}

type Print = (stream: number, text: string) => void;

/** In run-parts' order, which its messages show. True: takes an argument. */
const long: readonly (readonly [name: string, argument: boolean])[] = [
  ['test', false],
  ['list', false],
  ['verbose', false],
  ['debug', false],
  ['report', false],
  ['reverse', false],
  ['umask', true],
  ['arg', true],
  ['help', false],
  ['version', false],
  ['lsbsysinit', false],
  ['regex', true],
  ['stdin', false],
  ['exit-on-error', false],
  ['new-session', false],
];
const short: Readonly<{ [letter: string]: string }> = {
  u: 'umask',
  h: 'help',
  a: 'arg',
  v: 'verbose',
  V: 'version',
};

/**
 * getopt_long(3) as run-parts 5.7 uses it: long options may be shortened to what is unique, options may follow the
 * directory (unless POSIXLY_CORRECT is set), `--` ends them. Throws {@link Stop} when the program ends here.
 */
export function readOptions(argv: readonly string[], print: Print): RunPartsOptions {
  const options: RunPartsOptions = {
    directory: '',
    arguments: [],
    names: 'usual',
    umask: undefined,
    test: false,
    list: false,
    verbose: false,
    debug: false,
    report: false,
    reverse: false,
    exitOnError: false,
    stdin: false,
    newSession: false,
  };
  const operands: string[] = [];
  const words = argv.map(word => Buffer.from(word, 'utf8').toString('latin1'));
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '--') {
      operands.push(...words.splice(0));
    } else if (word.startsWith('--')) {
      readLong(word, words, options, print);
    } else if (word.startsWith('-') && word.length > 1) {
      readShort(word, words, options, print);
    } else {
      operands.push(word);
      if (process.env.POSIXLY_CORRECT !== undefined) operands.push(...words.splice(0));
    }
  }
  const [directory, ...more] = operands;
  if (directory === undefined || more.length > 0) fail('missing operand', print);
  if (options.list && options.test) fail('--list and --test can not be used together', print);
  return { ...options, directory };
}

function readLong(word: string, rest: string[], options: RunPartsOptions, print: Print): void {
  const at = word.indexOf('=');
  const name = word.slice(2, at < 0 ? undefined : at);
  const exact = long.filter(([known]) => known === name);
  const found = exact.length > 0 ? exact : long.filter(([known]) => known.startsWith(name));
  if (found.length > 1) {
    const possibilities = found.map(([known]) => ` '--${known}'`).join('');
    fail(`option '${word}' is ambiguous; possibilities:${possibilities}`, print);
  }
  const option = found[0];
  if (option === undefined) fail(`unrecognized option '${word}'`, print);
  const [known, takesArgument] = option;
  if (!takesArgument && at >= 0) fail(`option '--${known}' doesn't allow an argument`, print);
  const value = takesArgument ? (at >= 0 ? word.slice(at + 1) : rest.shift()) : '';
  if (value === undefined) fail(`option '--${known}' requires an argument`, print);
  set(known, value, options, print);
}

function readShort(word: string, rest: string[], options: RunPartsOptions, print: Print): void {
  for (let at = 1; at < word.length; at++) {
    const letter = word.charAt(at);
    const name = Object.hasOwn(short, letter) ? short[letter] : undefined;
    if (name === undefined) fail(`invalid option -- '${letter}'`, print);
    if (name !== 'umask' && name !== 'arg') {
      set(name, '', options, print);
      continue;
    }
    const value = at + 1 < word.length ? word.slice(at + 1) : rest.shift();
    if (value === undefined) fail(`option requires an argument -- '${letter}'`, print);
    set(name, value, options, print);
    return;
  }
}

function set(name: string, value: string, options: RunPartsOptions, print: Print): void {
  switch (name) {
    case 'test':
    case 'list':
    case 'verbose':
    case 'debug':
    case 'report':
    case 'reverse':
    case 'stdin':
      options[name] = true;
      break;
    case 'exit-on-error':
      options.exitOnError = true;
      break;
    case 'new-session':
      options.newSession = true;
      break;
    case 'lsbsysinit':
      options.names = 'lsb';
      break;
    case 'regex':
      options.names = { regex: value };
      break;
    case 'arg':
      options.arguments.push(value);
      break;
    case 'umask':
      options.umask = readUmask(value, print);
      break;
    case 'help':
      print(2, usage);
      throw new Stop(0);
    default:
      print(1, version);
      throw new Stop(0);
  }
}

/** sscanf's `%o` into an unsigned int: blanks, a sign, octal digits, then anything. */
function readUmask(value: string, print: Print): number {
  const found = /^[ \t-\r]*([+-]?)([0-7]+)/.exec(value);
  const mask = found === null ? Number.NaN : Number.parseInt(found[2] ?? '', 8);
  const negative = found?.[1] === '-' && mask !== 0;
  if (Number.isNaN(mask) || mask > 0o7777 || negative) {
    print(2, 'run-parts: bad umask value\n');
    throw new Stop(1);
  }
  return mask & 0o777;
}

function fail(message: string, print: Print): never {
  print(2, `run-parts: ${message}\nTry \`run-parts --help' for more information.\n`);
  throw new Stop(1);
}

const version = `netconf run-parts, which agrees with Debian run-parts program, version 5.7
`;

const usage = `Usage: run-parts [OPTION]... DIRECTORY
      --test          print script names which would run, but don't run them.
      --list          print names of all valid files (can not be used with
                      --test)
  -v, --verbose       print script names before running them.
  -d, --debug         print script names while checking them.
      --report        print script names if they produce output.
      --reverse       reverse execution order of scripts.
      --exit-on-error exit as soon as a script returns with a non-zero exit
                      code.
      --stdin         multiplex stdin to scripts being run, using temporary file
      --lsbsysinit    validate filenames based on LSB sysinit specs.
      --new-session   run each script in a separate process session
      --regex=PATTERN validate filenames based on POSIX ERE pattern PATTERN.
  -u, --umask=UMASK   sets umask to UMASK (octal), default is 022.
  -a, --arg=ARGUMENT  pass ARGUMENT to scripts, use once for each argument.
  -V, --version       output version information and exit.
  -h, --help          display this help and exit.
`;
