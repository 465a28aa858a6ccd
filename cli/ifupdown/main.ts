import { isPattern, readAttribute, type System } from '../../plugins/interfaces/match/expand.ts';
import { systemFiles } from '../../plugins/interfaces/parse/files.ts';
import { type Interfaces, noticeText } from '../../plugins/interfaces/parse/model.ts';
import { parseInterfaces } from '../../plugins/interfaces/parse/parse.ts';
import type { Command } from './command.ts';
import { dryRun } from './dry-run.ts';
import { type Line, readLine } from './options.ts';
import { Say, Stop, toBytes } from './say.ts';
import type { World } from './select.ts';
import { StateDirectory, type States } from './states.ts';

const usualFile = '/etc/network/interfaces';
const usualStates = '/run/network';

/** ifup, ifdown and ifquery: Debian's command lines, messages and exit statuses. Returns the status. */
export async function main(
  command: Command,
  argv: readonly string[],
  say = new Say(command),
): Promise<number> {
  try {
    return await run(readLine(command, argv.map(toBytes), say), say);
  } catch (stop) {
    if (stop instanceof Stop) return stop.status;
    throw stop;
  } finally {
    say.flush();
  }
}

async function run(line: Line, say: Say): Promise<number> {
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
  const file = line.file ?? usualFile;
  const { interfaces, complete } = parseInterfaces(file, {
    files: systemFiles({ encoding: 'latin1', regularOnly: false }),
    dialect: line.dialect,
    noLoopback: line.noLoopback,
    tell: notice => {
      if (notice.level === 'hint' || (notice.level === 'trace' && !line.verbose)) return;
      say.warn(noticeText(notice));
    },
  });
  if (!complete) say.fail(`couldn't read interfaces file "${file}"`);
  const system = await systemFor(line, interfaces);
  const print = (text: string) => {
    if (line.verbose || line.noAct) say.error(text.startsWith('-') ? text.slice(1) : text);
    return true;
  };
  const world: World = { line, say, interfaces, system, states, run: print };
  return dryRun(world);
}

/** The kernel is asked only where a pattern or a renaming needs it: the door to libc costs a client's start. */
async function systemFor(line: Line, { classes, rename }: Interfaces): Promise<System> {
  const words = [...line.words, ...[...classes.values()].flat()];
  if (rename.length === 0 && !words.some(isPattern)) return { names: () => [], attribute: readAttribute };
  const { listInterfaceNames } = await import('../../core/base/libc/interfaces.ts');
  const names = listInterfaceNames().map(toBytes);
  return { names: () => names, attribute: readAttribute };
}

function statesOf(line: Line, say: Say): States {
  return new StateDirectory(line.stateDirectory ?? usualStates, say, line.noAct);
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
