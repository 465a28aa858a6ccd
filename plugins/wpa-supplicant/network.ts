import { readText } from '../../core/base/text/read-text.ts';
import type { Trust } from '../../core/base/trust.ts';
import { type Variable, variables } from './variables.ts';

/** One network as the supplicant is to have it: what SET_NETWORK is told, in order. */
export interface Network {
  /** As it is shown; empty for a cable, and for any network. */
  ssid: string;
  set: readonly Setting[];
}

export interface Setting {
  option: string;
  variable: string;
  value: string;
  /** It may be refused. */
  old?: true;
}

/** Finds an option by its name with hyphens. */
export type Find = (...names: string[]) => string | undefined;

/**
 * The network that options describe; undefined where they describe none. Throws a TypeError for values that no supplicant
 * takes.
 */
export function networkOf(find: Find, driver: string, trust: (path: string) => Trust): Network | undefined {
  const ssid = unquoted(sameOf(find, 'wpa-essid', 'wpa-ssid'));
  const key = keyOf(find, trust);
  const given = variables.flatMap(each => {
    const value = each.option === 'wpa-psk' ? key : find(each.option, ...other(each.option));
    return value === undefined || value === '' ? [] : [settingOf(each, value)];
  });
  const wanted = ssid !== undefined || driver === 'wired' || find('wpa-key-mgmt') !== undefined;
  if (!wanted) {
    const [first] = given;
    if (first === undefined) return undefined;
    throw new TypeError(`${first.option} says nothing without wpa-ssid`);
  }
  const bytes = Buffer.from(ssid ?? '');
  if (bytes.length > 32) throw new TypeError(`wpa-ssid: ${bytes.length} bytes, 32 are the most`);
  // In hexadecimal: no character in it means anything to anybody.
  const name = { option: 'wpa-ssid', variable: 'ssid', value: bytes.toString('hex') };
  return { ssid: ssid ?? '', set: [...(bytes.length > 0 ? [name] : []), ...given] };
}

/** functions.sh looks for this one by the name without `wpa-`. */
const other = (option: string) => (option === 'wpa-fragment-size' ? ['fragment-size'] : []);

function settingOf({ option, variable, kind, old }: Variable, given: string): Setting {
  const text = kind === 'key' || kind === 'wep' ? unquoted(given)! : given;
  const isHex = /^[0-9a-fA-F]*$/.test(text);
  const length = Buffer.byteLength(text);
  const raw =
    kind === 'raw' ||
    (kind === 'key' && isHex && length === 64) ||
    (kind === 'wep' && isHex && [10, 26, 32, 58].includes(length));
  if (kind === 'key' && !raw && (length < 8 || length > 63))
    throw new TypeError(`${option}: 8 to 63 characters, or 64 hexadecimal digits, were expected`);
  if (kind === 'wep' && !raw && length < 5)
    throw new TypeError(
      `${option}: 5 characters at least, or 10, 26, 32 or 58 hexadecimal digits, were expected`,
    );
  return { option, variable, value: raw ? text : `"${text}"`, ...(old && { old }) };
}

/** The pre-shared key: of wpa-passphrase, a file, or wpa-psk, in the order of functions.sh. */
function keyOf(find: Find, trust: (path: string) => Trust): string | undefined {
  const given = sameOf(find, 'wpa-passphrase', 'wpa-psk');
  const file = sameOf(find, 'wpa-passphrase-file', 'wpa-psk-file');
  if (file === undefined) return given;
  if (given !== undefined)
    throw new TypeError('wpa-psk and wpa-psk-file both give the key: one of them is enough');
  const found = readText(file, trust, 4096);
  if ('problem' in found) throw new TypeError(`wpa-psk-file ${file}: ${found.problem.message}`);
  const text = found.text.replace(/\n+$/, '');
  if (/[\x00-\x1f\x7f]/.test(text))
    throw new TypeError(`wpa-psk-file ${file}: one line with the key was expected`);
  return text;
}

/** Two names of one thing. */
function sameOf(find: Find, first: string, second: string): string | undefined {
  const [a, b] = [find(first), find(second)];
  if (a !== undefined && b !== undefined && unquoted(a) !== unquoted(b))
    throw new TypeError(`${first} and ${second} say different things`);
  return a ?? b;
}

/** Without the quotation marks around it: those that mean the text itself may be there or not. */
function unquoted(text: string | undefined): string | undefined {
  return text === undefined || !/^".*"$/s.test(text) ? text : text.slice(1, -1);
}
