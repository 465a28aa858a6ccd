import { existsSync } from 'node:fs';
import type { Choice } from '../../core/base/choice.ts';
import { visible } from '../../core/base/terminal.ts';
import { noticeText } from '../../plugins/interfaces/parse/model.ts';
import { parseInterfaces } from '../../plugins/interfaces/parse/parse.ts';
import { configurationOf } from '../../plugins/network-file/configuration.ts';
import { writeWhole } from '../../plugins/network-file/kept.ts';
import { complain, status, UsageError } from '../failure.ts';
import { write, writeErrors, writeLine } from '../output.ts';
import { fromInterfaces, type Imported } from './from-interfaces.ts';
import { fromKernel } from './from-kernel.ts';
import { readKernel } from './kernel.ts';
import { fileOf } from './location.ts';
import { writeProblems } from './problems.ts';
import { textOf } from './writer.ts';

const usualInterfaces = '/etc/network/interfaces';

/**
 * Writes a network file from interfaces(5) or from what the kernel has: to standard output, or with `--write` to where
 * netconf looks for it, unless there is one. What cannot be said in it stands in comments, and on standard error.
 */
export async function importNetwork(choice: Choice): Promise<number> {
  const from = choice.value('from') ?? 'interfaces';
  if (from !== 'interfaces' && from !== 'kernel')
    throw new UsageError(`--from ${from}: expected interfaces or kernel`);
  const source = choice.value('file') ?? usualInterfaces;
  const imported = from === 'kernel' ? fromKernel(readKernel()) : interfacesFrom(source);
  if (imported === undefined) return status.failed;
  const header = [`From ${from === 'kernel' ? 'what the kernel had' : source}, by netconf network import.`];
  const left = imported.left.map(sentence => `Left out: ${sentence}`);
  const text = textOf([...header, ...left], imported.blocks);
  const target = await fileOf(choice);
  const made = configurationOf(target, new Map([[target, text]]));
  if (imported.left.length > 0) writeErrors(imported.left.map(sentence => `left out: ${visible(sentence)}`));
  // What it says is not mended here: the file shows where.
  await (choice.flag('write') ? save(target, text) : write(text));
  if (made.hasErrors) await writeProblems(made);
  return made.hasErrors ? status.failed : status.success;
}

function interfacesFrom(file: string): Imported | undefined {
  if (!existsSync(file)) {
    complain(`${file}: there is no such file`);
    return undefined;
  }
  const { interfaces, notices, complete } = parseInterfaces(file);
  if (complete) return fromInterfaces(interfaces);
  for (const notice of notices) if (notice.level === 'error') complain(noticeText(notice));
  return undefined;
}

async function save(target: string, text: string): Promise<void> {
  if (existsSync(target)) throw new UsageError(`${target} exists: it is not written over`);
  writeWhole(target, text, 0o644);
  await writeLine(visible(target));
}
