import type { Interfaces, Mapping } from './model.ts';
import { commandOptions, type Option } from './options.ts';

/**
 * Interfaces as one interfaces(5) file: what was included or inherited stands in it as if it had been written there.
 * Parsing it gives the same again, but for places. The loopback stanza that nobody wrote is left out.
 */
export function printInterfaces({ classes, stanzas, mappings, ...lists }: Interfaces): string {
  const blocks: string[] = [];
  for (const [name, entries] of classes) {
    blocks.push(line(name === 'auto' ? 'auto' : `allow-${name}`, ...entries));
  }
  if (lists.noAutoDown.length > 0) blocks.push(line('no-auto-down', ...lists.noAutoDown));
  if (lists.noScripts.length > 0) blocks.push(line('no-scripts', ...lists.noScripts));
  if (lists.rename.length > 0) blocks.push(line('rename', ...lists.rename));
  for (const mapping of mappings) blocks.push(printMapping(mapping));
  for (const { name, family, method, options, place } of stanzas) {
    if (place.line === 0) continue;
    blocks.push(line('iface', name, family, method) + [...options].map(printOption).join(''));
  }
  return blocks.join('\n');
}

function printMapping({ patterns, script, map }: Mapping): string {
  const body = [
    ...(script === undefined ? [] : [line('script', script)]),
    ...map.map(text => line('map', text)),
  ];
  return line('mapping', ...patterns) + body.map(indented).join('');
}

/** Of a question mark at the end of a name the parser takes one away, the first time. */
function printOption({ name, value }: Option): string {
  const values = commandOptions.has(name) ? [value] : value.split('\n');
  const first = name.endsWith('?') ? `${name}?` : name;
  return values.map((each, index) => indented(line(index === 0 ? first : name, each))).join('');
}

/** A name that could not begin a line (a comment, an empty one) stands on one that continues an empty one. */
function indented(text: string): string {
  return /^[# ]/.test(text) ? `\\\n${text}` : `\t${text}`;
}

/** A backslash at the end would take the next line along, a blank behind it does not count. */
function line(...words: string[]): string {
  const text = words.join(' ');
  return text.endsWith('\\') ? `${text} \n` : `${text}\n`;
}
