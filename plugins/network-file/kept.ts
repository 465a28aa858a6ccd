import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { readPrivate } from '../../core/base/private-file.ts';

/** Texts of files by path, in order. */
const texts = v.array(v.tuple([v.string(), v.string()]));

/** What is in force, beside the control socket: for the next daemon of this start of the machine. */
const inForce = v.object({ version: v.literal(1), start: v.string(), texts });

/**
 * An apply at work, or one that waits to be confirmed: what was in force before, and what is on trial. Beside the network
 * file where it is to be confirmed, so that it outlives even a machine that is switched off; else beside the control
 * socket.
 */
const trial = v.object({
  version: v.literal(1),
  start: v.string(),
  state: v.picklist(['applying', 'applied']),
  /** Seconds since the machine's start (CLOCK_BOOTTIME): no change of its clock matters. */
  until: v.optional(v.number()),
  before: texts,
  after: texts,
});

export type InForceRecord = v.InferOutput<typeof inForce>;
export type Trial = v.InferOutput<typeof trial>;

export function readInForce(path: string): InForceRecord | undefined {
  return read(path, inForce);
}

export function readTrial(path: string): Trial | undefined {
  return read(path, trial);
}

/**
 * Whole or not at all, and on the disk when it returns.
 *
 * @param mode of a new file; one that is there keeps its own. @default root's alone: configuration may hold secrets
 */
export function writeWhole(path: string, text: string, mode = modeOf(path) ?? 0o600): void {
  const fresh = `${path}.new`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  rmSync(fresh, { force: true });
  const fd = openSync(fresh, 'wx', mode);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(fresh, path);
}

/** Permissions of a file that is there. */
export function modeOf(path: string): number | undefined {
  const status = statSync(path, { throwIfNoEntry: false });
  return status === undefined ? undefined : status.mode & 0o777;
}

export function writeKept(path: string, kept: InForceRecord | Trial): void {
  writeWhole(path, JSON.stringify(kept));
}

export function forget(path: string): void {
  rmSync(path, { force: true });
}

/** What is no such record, or may be somebody else's, is none. */
function read<Schema extends v.GenericSchema>(
  path: string,
  schema: Schema,
): v.InferOutput<Schema> | undefined {
  try {
    const result = v.safeParse(schema, JSON.parse(readPrivate(path)));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}
