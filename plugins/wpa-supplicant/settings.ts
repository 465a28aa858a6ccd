import { type Operation, placeOf } from 'netconf/plugin';
import { nearest } from '../../core/base/text/near.ts';
import { readText } from '../../core/base/text/read-text.ts';
import type { Trust } from '../../core/base/trust.ts';
import { type Find, type Network, networkOf } from './network.ts';
import { otherOptions, variables } from './variables.ts';

/** What an operation says of the supplicant of its interface; kept beside it, for when this process is gone. */
export interface Settings {
  /** The link that the supplicant works on. */
  interface: string;
  /** What is configured when it is connected: the same, or a bridge that the link is in. */
  on: string;
  logical: string;
  driver: string;
  bridge?: string;
  /** The supplicant's own configuration file. */
  conf?: string;
  /** The directory of control sockets that it names. */
  control?: string;
  /** More words for its command line. */
  words: readonly string[];
  /** Seconds to wait for a connection; 0: not at all. */
  timeout: number;
  /** Commands for the supplicant as a whole. */
  commands: readonly string[];
  network?: Network;
  roaming?: Roaming;
  hwaddress?: string;
}

/** Which logical interface a connection leads to. */
export interface Roaming {
  fallback: string;
  script?: string;
  /** The script goes before id_str. */
  scriptFirst: boolean;
  /** Lines for its standard input. */
  map: readonly string[];
}

export interface Read {
  settings: Settings;
  /** Sentences for the log. */
  warnings: string[];
}

export interface Surroundings {
  trust: (path: string) => Trust;
  /** Seconds, unless options say otherwise. */
  timeout: number;
}

/** Does an operation have to do with a supplicant? */
export function isWanted({ stanza, options }: Operation): boolean {
  return [...(options.set ?? []), ...stanza.options].some(([name]) => isOurs(nameOf(name)));
}

/** Throws a TypeError, for the user to read, with the place of the stanza where there is one. */
export function settingsOf(operation: Operation, surroundings: Surroundings): Read {
  try {
    return read(operation, surroundings);
  } catch (error) {
    const { message } = error as Error;
    const [option = ''] = /^wpa-[a-z0-9-]+/.exec(message) ?? [];
    const where = placeOf(operation.stanza, option) ?? (operation.step === 'WPA' ? '[cfg WPA]' : undefined);
    throw new TypeError(`${where === undefined ? '' : `${where}: `}${message}`);
  }
}

function read(operation: Operation, { trust, timeout: usual }: Surroundings): Read {
  const { stanza, parameters, interface: on, logical, step } = operation;
  const isStep = step === 'WPA';
  const warnings: string[] = [];
  // What stands first goes before what comes later.
  const all = [
    ...(operation.options.set ?? []),
    ...stanza.options,
    ...(isStep ? Object.entries(parameters) : []),
  ].map(([name, value]) => [nameOf(name), value] as const);
  for (const [name, value] of all) check(name, value);
  const find: Find = (...names) => all.find(([name, value]) => names.includes(name) && value !== '')?.[1];
  const one = (name: string, pattern: RegExp, expected: string) => {
    const value = find(name);
    if (value !== undefined && !pattern.test(value)) throw new TypeError(`${name} ${value}: ${expected}`);
    return value;
  };
  const ifname = (name: string) =>
    one(name, /^(?!\.{1,2}$)[^\s/:]{1,15}$/, 'the name of an interface was expected');
  const driver = driverOf(one('wpa-driver', /^[a-z0-9_,]{1,64}$/, 'the name of a driver was expected'));
  const timeout = one(
    find('timeout') !== undefined && isStep ? 'timeout' : 'wpa-timeout',
    /^\d{1,5}$/,
    'a number of seconds was expected',
  );
  if (isStep && Number(timeout ?? usual) === 0)
    throw new TypeError('timeout: at least one second was expected');
  const apScan = one('wpa-ap-scan', /^[012]$/, '0, 1 or 2 was expected');
  const country = one('wpa-country', /^[A-Z]{2}$/, 'a country of two letters was expected (ISO 3166)');
  const preauthenticate = one('wpa-preauthenticate', /^[0-9a-fA-F:]{1,17}$/, 'a BSSID was expected');
  const roaming = roamingOf();
  const conf = confOf();
  const network = roaming === undefined ? networkOf(find, driver, trust) : undefined;
  const bridge = ifname('wpa-bridge');
  const level = /^-?[0-3]$/.exec(find('wpa-debug-level') ?? '')?.[0] ?? '0';
  const logfile = one('wpa-logfile', /^\//, 'an absolute path was expected');
  const hwaddress = all.find(([name]) => name === 'hwaddress')?.[1];
  const settings: Settings = {
    interface: ifname('wpa-iface') ?? on.replace(/:.*$/, ''),
    on,
    logical: stanza.logical ?? logical,
    driver,
    ...(bridge !== undefined && { bridge }),
    ...conf,
    words: [...(debugWords[level] ?? []), ...(logfile === undefined ? [] : ['-f', logfile])],
    timeout: Number(timeout ?? usual),
    commands: [
      ...(driver === 'wired' ? ['AP_SCAN 0'] : apScan === undefined ? [] : [`AP_SCAN ${apScan}`]),
      ...(country === undefined ? [] : [`SET country ${country}`]),
      ...(preauthenticate === undefined ? [] : [`PREAUTH ${preauthenticate}`]),
    ],
    ...(network !== undefined && { network }),
    ...(roaming !== undefined && { roaming }),
    ...(hwaddress !== undefined && { hwaddress }),
  };
  return { settings, warnings };

  function check(name: string, value: string): void {
    if (!isOurs(name)) return;
    if (/[\x00-\x1f\x7f]/.test(value))
      throw new TypeError(`${name}: it may be given once, and have no control characters`);
    if (isKnown(name)) return;
    const near = nearest(name, known);
    const message = `there is no option ${name}${near === undefined ? '' : `: did you mean ${near}?`}`;
    if (isStep && stanza.place === undefined) throw new TypeError(message);
    // ifupdown and Debian's script let it pass.
    warnings.push(`${placeOf(stanza, name) ?? on}: ${message}`);
  }

  function driverOf(given = 'nl80211,wext'): string {
    if (!['hostap', 'ipw', 'madwifi', 'ndiswrapper'].includes(given)) return given;
    warnings.push(
      `${placeOf(stanza, 'wpa-driver') ?? on}: wpa-driver ${given} is of the past: nl80211,wext is used instead`,
    );
    return 'nl80211,wext';
  }

  function confOf(): { conf?: string; control?: string } {
    const roam = find('wpa-roam');
    const file = roam ?? find('wpa-conf');
    if (roam !== undefined && find('wpa-conf') !== undefined && find('wpa-conf') !== roam)
      throw new TypeError('wpa-roam and wpa-conf both name a file: one of them is enough');
    if (file === undefined || (file === 'managed' && roam === undefined)) return {};
    const option = roam === undefined ? 'wpa-conf' : 'wpa-roam';
    if (!file.startsWith('/')) throw new TypeError(`${option} ${file}: an absolute path was expected`);
    const found = readText(file, trust);
    if ('problem' in found) throw new TypeError(`${option} ${file}: ${found.problem.message}`);
    if (found.text.trim() === '') throw new TypeError(`${option} ${file}: there is nothing in it`);
    const control = controlIn(found.text);
    return { conf: file, ...(control !== undefined && { control }) };
  }

  function roamingOf(): Roaming | undefined {
    const script = find('wpa-mapping-script');
    const scriptFirst = find('wpa-mapping-script-priority') !== undefined;
    if (find('wpa-roam') === undefined) return undefined;
    if (isStep || stanza.method !== 'manual')
      throw new TypeError(`wpa-roam needs a stanza with the method manual, not ${stanza.method}`);
    if (scriptFirst && script === undefined)
      throw new TypeError('wpa-mapping-script-priority says nothing without wpa-mapping-script');
    const map = all.filter(([name]) => /^wpa-map\d*$/.test(name)).map(([, value]) => value);
    const fallback = find('wpa-roam-default-iface', 'wpa-default-iface') ?? 'default';
    return { fallback, ...(script !== undefined && { script }), scriptFirst, map };
  }
}

const debugWords: Readonly<Record<string, readonly string[]>> = {
  '3': ['-t', '-ddd'],
  '2': ['-t', '-dd'],
  '1': ['-t', '-d'],
  '-1': ['-q'],
  '-2': ['-qq'],
};

const known = [...otherOptions, ...variables.map(({ option }) => option)];
const isKnown = (name: string) => known.includes(name) || /^wpa-map\d*$/.test(name);

/** ifupdown gives scripts both spellings under one name. */
const nameOf = (name: string) => name.toLowerCase().replaceAll('_', '-');
const isOurs = (name: string) => name.startsWith('wpa-');

/** `ctrl_interface` of wpa_supplicant.conf(5): a directory, or `DIR=… GROUP=…`. */
function controlIn(text: string): string | undefined {
  for (const line of text.split('\n')) {
    const [, directory] = /^ctrl_interface=(?:DIR=)?([^\s#]+)/.exec(line) ?? [];
    if (directory?.startsWith('/')) return directory;
  }
  return undefined;
}
