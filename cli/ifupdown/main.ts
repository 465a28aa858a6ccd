import type { Command } from './command.ts';
import { dryRun } from './dry-run.ts';
import { type Line, readLine } from './options.ts';
import { RecordStates } from './records.ts';
import { fromBytes, Say, Stop, toBytes } from './say.ts';
import { StateDirectory, type States } from './states.ts';
import { readFile, systemFor } from './surroundings.ts';

/** Does what a command line asks for, and returns the exit status. */
export type ForReal = (line: Line, say: Say, states: States) => Promise<number>;

/** What counts for real operations, for whoever names something else. */
const instead: Readonly<Record<string, string>> = {
  '--dialect':
    'counts for dry runs (--no-act) only: operations go by the option dialect of the plugin interfaces, in the configuration of netconf',
  '--state-dir':
    'counts for dry runs (--no-act) and ifquery only: operations keep their state in /run/netconf/interfaces',
};

/** ifquery changes nothing, and its program has no part of what does. */
const cannot: ForReal = () => Promise.reject(new Error('nothing here changes interfaces'));

/** ifup, ifdown and ifquery: Debian's command lines, messages and exit statuses. Returns the status. */
export async function main(
  command: Command,
  argv: readonly string[],
  { say = new Say(command), forReal = cannot }: { say?: Say; forReal?: ForReal } = {},
): Promise<number> {
  try {
    return await run(readLine(command, argv.map(toBytes), say), say, forReal);
  } catch (stop) {
    if (stop instanceof Stop) return stop.status;
    throw stop;
  } finally {
    say.flush();
  }
}

async function run(line: Line, say: Say, forReal: ForReal): Promise<number> {
  const states = statesOf(line, say);
  if (line.state) return showStates(line.words, states, say);
  if (line.words.length > 0 && line.all) {
    say.warn('either use the --all option, or specify interface(s), but not both');
    say.usage();
  }
  if (line.words.length === 0 && !line.all && !line.list) {
    say.warn('no interface(s) specified');
    say.usage();
  }
  if (line.all && line.command === 'ifquery' && !line.list) say.usage();
  if (isDry(line)) {
    const interfaces = readFile(line, say);
    const system = await systemFor(line, interfaces);
    const run = (text: string) => {
      if (line.verbose || line.noAct) say.error(text.startsWith('-') ? text.slice(1) : text);
      return true;
    };
    return dryRun({ line, say, interfaces, system, states, run });
  }
  for (const option of new Set(line.forDryRuns)) say.warn(`${option} ${instead[option]}`);
  return forReal(line, say, states);
}

function isDry({ command, noAct, noActCommands, state }: Line): boolean {
  return command === 'ifquery' || noAct || noActCommands || state;
}

/** ifupdown's state where it is named and nothing is to be changed, else what netconf has configured. */
function statesOf(line: Line, say: Say): States {
  if (line.stateDirectory !== undefined && isDry(line))
    return new StateDirectory(line.stateDirectory, say, line.noAct);
  return new RecordStates(line.socket && fromBytes(line.socket));
}

function showStates(words: readonly string[], states: States, say: Say): number {
  const all = states.all();
  if (words.length === 0) for (const entry of all) say.line(entry);
  let up = true;
  for (const word of words) {
    const found = all.find(entry => entry.startsWith(`${word}=`));
    if (found === undefined) up = false;
    else say.line(found);
  }
  return up ? 0 : 1;
}
