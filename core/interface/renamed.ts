import type { OperationOptions, Renaming } from '../plugin/hooks.ts';
import type { OperationParts } from './parts.ts';

interface Asked extends Pick<Renaming, 'request' | 'act'> {
  options?: OperationOptions | undefined;
}

/**
 * The names that interfaces have by what sources say of renaming links; with `act`, links are renamed before. What
 * netconf has configured, or works at, keeps its name. Rejects where a link cannot be renamed.
 */
export async function renamed(
  { hooks, records, observe }: OperationParts,
  names: readonly string[],
  { request, act, options }: Asked,
): Promise<readonly string[]> {
  if (!hooks.isTapped('renamed')) return names;
  const isKept = (name: string) => {
    const record = records.read(name);
    return record !== undefined && record.state !== 'failed' && records.belief(record) === 'agrees';
  };
  const asked: Renaming = {
    request,
    act: observe ? 'nothing' : act,
    isKept,
    ...(options?.file !== undefined && { file: options.file }),
  };
  const now = await hooks.call('renamed', names, asked);
  return now === undefined
    ? names
    : names.map((name, at) => (now[at] === name || isKept(name) ? name : (now[at] ?? name)));
}
