import type { Command } from './command.ts';
import { dryRun } from './dry-run.ts';
import { type Line, readLine } from './options.ts';
import { RecordStates } from './records.ts';
import { fromBytes, Say, Stop, toBytes } from './say.ts';
import { StateDirectory, type States } from './states.ts';
import { readFile, systemFor } from './surroundings.ts';

/** Does what a command line asks for, and returns the exit status. */
export type ForReal = (line: Line, say: Say, states: States) => Promise<number>;

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
  if (line.command === 'ifquery' || line.noAct || line.noActCommands) {
    const interfaces = readFile(line, say);
    const system = await systemFor(line, interfaces);
    const run = (text: string) => {
      if (line.verbose || line.noAct) say.error(text.startsWith('-') ? text.slice(1) : text);
      return true;
    };
    return dryRun({ line, say, interfaces, system, states, run });
  }
  return forReal(line, say, states);
}

/** ifupdown's state where it is named, else what netconf has configured. */
function statesOf(line: Line, say: Say): States {
  if (line.stateDirectory !== undefined) return new StateDirectory(line.stateDirectory, say, line.noAct);
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
