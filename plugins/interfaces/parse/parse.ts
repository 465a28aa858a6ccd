import { FileReader } from './file-reader.ts';
import type { Interfaces, Notice } from './model.ts';
import { finishNg } from './ng.ts';
import { type Look, loopback, type ParseOptions, Reading } from './reading.ts';

export type { Dialect, Look, ParseOptions } from './reading.ts';

export interface Parsed {
  interfaces: Interfaces;
  notices: Notice[];
  /** False where the file itself (not one that it includes) has an error: ifupdown then does nothing at all. */
  complete: boolean;
  /** Every file and directory that was looked at, and for what. */
  looked: [path: string, look: Look][];
}

/** Reads an interfaces(5) file and what it includes. Never throws, whatever is in it. */
export function parseInterfaces(file: string, options: ParseOptions = {}): Parsed {
  const reading: Reading = new Reading(options, (file, content) =>
    new FileReader(reading, file).read(content),
  );
  if (!reading.interfaces.ownLoopback) reading.allow('auto', loopback);
  const complete = reading.read(file);
  if (options.dialect === 'ng') finishNg(reading.interfaces);
  if (complete && !reading.interfaces.ownLoopback) reading.addLoopback(file);
  return {
    interfaces: reading.interfaces,
    notices: reading.notices,
    complete,
    looked: [...reading.looked],
  };
}
