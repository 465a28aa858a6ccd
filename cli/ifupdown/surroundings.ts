import { isPattern, readAttribute, type System } from '../../plugins/interfaces/match/expand.ts';
import { systemFiles } from '../../plugins/interfaces/parse/files.ts';
import { type Interfaces, type Notice, noticeText } from '../../plugins/interfaces/parse/model.ts';
import { parseInterfaces } from '../../plugins/interfaces/parse/parse.ts';
import type { Line } from './options.ts';
import { type Say, toBytes } from './say.ts';

const usualFile = '/etc/network/interfaces';

/** The interfaces(5) file that the command line means; the program ends where ifupdown's would. */
export function readFile(line: Line, say: Say): Interfaces {
  const { file, interfaces, complete } = parse(line, notice => {
    if (notice.level === 'hint' || (notice.level === 'trace' && !line.verbose)) return;
    say.warn(noticeText(notice));
  });
  if (!complete) say.fail(`couldn't read interfaces file "${file}"`);
  return interfaces;
}

/** Without a word about what is wrong with it; undefined where it, or all that is in it, cannot be had. */
export function readQuietly(line: Line): Interfaces | undefined {
  let isThere = true;
  const { interfaces, complete } = parse(line, ({ message }) => {
    if (message.startsWith("couldn't open")) isThere = false;
  });
  return complete && isThere ? interfaces : undefined;
}

function parse(line: Line, tell: (notice: Notice) => void) {
  const { file = usualFile, dialect, noLoopback } = line;
  const files = systemFiles({ encoding: 'latin1', regularOnly: false });
  return { file, ...parseInterfaces(file, { files, dialect, noLoopback, tell }) };
}

/** The kernel is asked only where a pattern or a renaming needs it: the door to libc costs a client's start. */
export async function systemFor(line: Line, { classes, rename }: Interfaces): Promise<System> {
  const words = [...line.words, ...[...classes.values()].flat()];
  if (rename.length === 0 && !words.some(isPattern)) return { names: () => [], attribute: readAttribute };
  const { listInterfaceNames } = await import('../../core/base/libc/interfaces.ts');
  const names = listInterfaceNames().map(toBytes);
  return { names: () => names, attribute: readAttribute };
}
