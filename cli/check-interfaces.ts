import type { Loaded } from '../core/config/load.ts';
import type { InterfaceStanza, Notice } from '../plugins/interfaces/parse/model.ts';
import { type Dialect, parseInterfaces } from '../plugins/interfaces/parse/parse.ts';
import { placeText } from '../plugins/interfaces/parse/place.ts';
import type { Finding } from './finding.ts';

const usual = '/etc/network/interfaces';
const nothing = { file: null, stanzas: [], findings: [] };

/** What the checks looked at, and what they found there; no file where there is none to look at. */
export interface InterfacesCheck {
  file: string | null;
  stanzas: readonly InterfaceStanza[];
  findings: Finding[];
}

/**
 * What is wrong in the interfaces(5) file that the plugin `interfaces` reads, by its options `file` and `dialect`, and
 * in all that it includes. That there is none is told only where the configuration names it.
 */
export function checkInterfaces(loaded: Loaded | undefined, otherwise = usual): InterfacesCheck {
  if (isOff(loaded)) return nothing;
  const { file: named, dialect } = readOptions(loaded?.configuration.plugins?.interfaces);
  const file = named ?? otherwise;
  const { notices, interfaces } = parseInterfaces(file, dialect === undefined ? {} : { dialect });
  const { stanzas } = interfaces;
  if (notices.some(({ message }) => message.startsWith(`couldn't open interfaces file "${file}"`))) {
    if (named === undefined) return nothing;
    const place = loaded?.locate(['plugins', 'interfaces', 'file']) ?? file;
    return { file, stanzas, findings: notices.flatMap(notice => findingOf(notice, place)) };
  }
  return { file, stanzas, findings: notices.flatMap(notice => findingOf(notice, file)) };
}

/** What is wrong in a file that is read as interfaces(5), and exists. */
export function checkInterfacesFile(file: string, loaded: Loaded | undefined): Finding[] {
  const { dialect } = readOptions(loaded?.configuration.plugins?.interfaces);
  const { notices } = parseInterfaces(file, dialect === undefined ? {} : { dialect });
  return notices.flatMap(notice => findingOf(notice, file));
}

/** Is the plugin not to be loaded? */
export function isOff(loaded: Loaded | undefined): boolean {
  return loaded?.configuration.plugins?.interfaces === false;
}

/** What does not fit is told by the check of the plugin's options. */
function readOptions(options: unknown): { file?: string; dialect?: Dialect } {
  if (typeof options !== 'object' || options === null) return {};
  const { file, dialect } = options as { file?: unknown; dialect?: unknown };
  return {
    ...(typeof file === 'string' && { file }),
    ...((dialect === 'ng' || dialect === 'debian') && { dialect }),
  };
}

/** What is passed over is a warning: the rest of the file counts. */
function findingOf({ level, message, place }: Notice, otherwise: string): Finding[] {
  if (level === 'trace') return [];
  const severity = level === 'error' ? 'error' : 'warning';
  return [{ severity, place: place === undefined ? otherwise : placeText(place), message }];
}
