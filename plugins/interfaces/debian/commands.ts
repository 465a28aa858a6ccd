import { constants, statSync } from 'node:fs';
import type { Options } from '../parse/options.ts';
import { tokensOf } from './conversions.ts';
import type { Conversion, DebianMethod, Facts, Step, When } from './method.ts';
import { type Expansion, expand } from './template.ts';

/** One stanza as it is about to be applied to a real interface. */
export interface Subject {
  iface: string;
  logical: string;
  options: Options;
}

/** What does not lie in the stanza. */
export interface Circumstances {
  /** `ifup -a`. */
  all: boolean;
  /** `-n`, `--no-act-commands`. */
  noAct: boolean;
  /** The file, or `--no-loopback`, sees to the loopback interface. */
  ownLoopback: boolean;
  path?: string | undefined;
}

/** An option's value; the empty one counts as none. */
export function valueFor({ iface, options }: Subject, name: string): string | undefined {
  return name === 'iface' ? iface : options.get(name)?.value || undefined;
}

/** Sets the method's defaults where the stanza says nothing. */
export function addDefaults(method: DebianMethod, options: Options): void {
  for (const [name, value] of method.defaults ?? []) options.set(`${name}?`, value);
}

/** Changes options as the method does before it looks at them. */
export function convert(conversions: readonly Conversion[], subject: Subject): void {
  const { iface, options } = subject;
  const context = { iface, valueFor: (name: string) => valueFor(subject, name) };
  for (const { option, into, convert: change } of conversions) {
    const value = option === 'iface' ? iface : options.get(option)?.value;
    if (value === undefined) continue;
    const target = into === undefined ? options.get(option) : options.set(into, value);
    if (target !== undefined) target.value = change(value, context) ?? target.value;
  }
}

/** The command lines of one direction that apply, in their order; a missing option stands in place of its line. */
export function* commandLines(
  steps: readonly Step[],
  subject: Subject,
  circumstances: Circumstances,
): Generator<Expansion> {
  const facts = factsOf(subject, circumstances);
  for (const step of steps) {
    const template = typeof step === 'string' ? step : choose(step, facts);
    if (template !== undefined) yield expand(template, name => valueFor(subject, name));
  }
}

function choose(step: When | { first: readonly When[] }, facts: Facts): string | undefined {
  const choices = 'first' in step ? step.first : [step];
  return choices.find(({ when }) => when(facts))?.run;
}

function factsOf(subject: Subject, { all, noAct, ownLoopback, path }: Circumstances): Facts {
  const { iface, logical } = subject;
  const has = (separators: string) => tokensOf(iface, separators).length > 1;
  const value = (name: string) => valueFor(subject, name);
  return {
    loopback: logical === 'lo' && !ownLoopback,
    link: !has(':.'),
    all,
    noAct,
    has,
    executable: program => isExecutable(program, path),
    set: name => value(name) !== undefined,
    truthy: name => isTrue(value(name)),
    is: (name, wanted) => value(name)?.toLowerCase() === wanted,
  };
}

/** A number other than 0 (atoi(3)), or a word for yes. */
function isTrue(value: string | undefined): boolean {
  if (value === undefined) return false;
  return Number.parseInt(value, 10) !== 0 && /^[ \t-\r]*[+-]?\d/.test(value)
    ? true
    : /^(on|true|yes)$/i.test(value);
}

/** In the search path, or at its own. */
function isExecutable(program: string, path = ''): boolean {
  const folders = program.startsWith('/') ? [''] : path.split(':').map(folder => folder && `${folder}/`);
  return folders.some(folder => isExecutableFile(folder + program));
}

function isExecutableFile(file: string): boolean {
  try {
    const stats = statSync(file);
    return stats.isFile() && (stats.mode & constants.S_IXUSR) !== 0;
  } catch {
    return false;
  }
}
