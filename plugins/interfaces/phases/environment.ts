import type { Operation } from 'netconf/plugin';
import { addDefaults, convert } from '../debian/commands.ts';
import { methodOf } from '../debian/families.ts';
import { isMethod } from '../parse/methods.ts';
import { canonicalName, commandOptions, Options } from '../parse/options.ts';

/** The moments of ifupdown: what scripts see as PHASE. */
export type Phase = 'pre-up' | 'post-up' | 'pre-down' | 'post-down';

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The stanza's options as ifupdown gives them to commands and scripts: with defaults, `-o` and conversions. */
export function optionsOf({ interface: iface, stanza, logical, options }: Operation): Options {
  const all = new Options();
  for (const [name, value] of stanza.options) all.add(canonicalName(name), value);
  const method = isMethod(stanza.family, stanza.method) ? methodOf(stanza.family, stanza.method) : undefined;
  if (method !== undefined) addDefaults(method, all);
  for (const [name, value] of options.set ?? []) {
    if (value !== '') all.set(canonicalName(name), value);
    else if (!commandOptions.has(name)) all.delete(name);
  }
  convert(method?.conversions ?? [], { iface, logical, options: all });
  return all;
}

/** All that ifupdown's scripts and commands see. */
export function environmentOf(operation: Operation, phase: Phase, all: Options): Record<string, string> {
  const { interface: iface, stanza, request, options } = operation;
  const environment: Record<string, string> = {};
  for (const { name, value } of all) {
    if (commandOptions.has(name)) continue;
    // ifupdown looks for the first `=` of `NAME=VALUE`, be it of the name.
    const [, before = name, behind = ''] = /^([^=]*)=(.*)$/s.exec(name) ?? [];
    environment[`IF_${variableOf(before)}`] = before === name ? value : `${behind}=${value}`;
  }
  const parent = iface.split('.')[0] ?? '';
  if (iface.includes('.')) environment[`IFUPDOWN_${parent}`] = 'parent-lock';
  environment[`IFUPDOWN_${iface}`] = phase;
  const isMeta = stanza.family === 'meta';
  return {
    ...environment,
    IFACE: iface,
    LOGICAL: isMeta ? options.class || 'auto' : (stanza.logical ?? operation.logical),
    ADDRFAM: stanza.family,
    METHOD: stanza.method,
    MODE: request === 'ifup' ? 'start' : 'stop',
    PHASE: phase,
    VERBOSITY: options.verbose ? '1' : '0',
    PATH: path,
    ...(options.class && { CLASS: options.class }),
  };
}

/** ifupdown's rule: `-` is `_`, letters become large, what else is no letter, digit or `_` goes. */
function variableOf(name: string): string {
  return name
    .replaceAll('-', '_')
    .replace(/[^A-Za-z0-9_]/g, '')
    .toUpperCase();
}
