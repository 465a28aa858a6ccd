import { nameOf } from './operation.ts';
import type { Work } from './parts.ts';
import { takeBack } from './phases.ts';
import type { Begun, InterfaceRecord } from './record.ts';
import { isGone } from './records.ts';

/**
 * Takes stanzas of a record back, the last first, and strikes each off the record when that is done. One that cannot be
 * taken back stays on record. Returns what was undone, in sentences; failures of scripts go to the work's warnings.
 */
export async function dismantle(
  work: Work,
  record: InterfaceRecord,
  stanzas: readonly Begun[],
): Promise<string[]> {
  const { records } = work.parts;
  const undone: string[] = [];
  for (const begun of stanzas.toReversed()) {
    const { warnings, failure } = await takeBack(work, begun);
    work.warnings.push(...warnings);
    const gone = isGone(records.belief(record));
    const what = `${nameOf(begun.stanza)} (${begun.stanza.step})`;
    if (failure === undefined || gone) {
      record.stanzas = record.stanzas.filter(each => each !== begun);
      record.left = record.left.filter(each => each !== begun);
      undone.push(`${what}: taken back`);
    } else {
      undone.push(`${what}: could not be taken back: ${failure}`);
    }
    records.write(record);
  }
  return undone;
}
