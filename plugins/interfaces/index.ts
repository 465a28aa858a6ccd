import { existsSync } from 'node:fs';
import { definePlugin, type KnownStanza, type Operation, optionsOfStanza, wordsOf } from 'netconf/plugin';
import * as v from 'valibot';
import { ParsedFiles } from './cache.ts';
import { declaredIn } from './declared.ts';
import { tapDevices } from './device.ts';
import { logicalName } from './logical.ts';
import { type Interfaces, noticeText } from './parse/model.ts';
import type { Parsed } from './parse/parse.ts';
import { tapPhases } from './phases/phases.ts';
import { tapRename } from './rename.ts';
import { stanzaFor } from './stanza.ts';

const options = v.strictObject({
  /** What `ENI` reads unless its `[cfg]` section or `ifup -i` names another. */
  file: v.optional(v.string(), '/etc/network/interfaces'),
  /** Where if-pre-up.d, if-up.d, if-down.d and if-post-down.d lie. */
  scripts: v.optional(v.string(), '/etc/network'),
  dialect: v.optional(v.picklist(['debian', 'ng']), 'debian'),
  /** Seconds that a command or a script may take. */
  deadline: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(3600)), 300),
});

/**
 * interfaces(5): the source `ENI`, what is declared `auto` and `allow-CLASS`, the commands of stanzas, and the scripts
 * of /etc/network/if-*.d.
 */
export default definePlugin<v.InferOutput<typeof options>>({
  name: 'interfaces',
  version: '1.0.0',
  options,
  apply(netconf) {
    const { file: usual, scripts, dialect, deadline } = netconf.options;
    const files = new ParsedFiles(dialect, parsed => {
      for (const notice of parsed.notices) {
        if (notice.level === 'error') netconf.log.error(noticeText(notice));
        else if (notice.level === 'warning') netconf.log.warning(noticeText(notice));
      }
    });
    /** Which file an interface was found in, where it is not the usual one. */
    const foundIn = new Map<string, string>();
    const fileFor = ({ interface: on, options: { file } }: Operation) => file ?? foundIn.get(on) ?? usual;

    /** Another source may configure what no file of this kind is there for: that is nothing to warn of. */
    const known = (file: string) => (existsSync(file) ? files.get(file).interfaces : undefined);
    /** What is declared; an operation's own stanzas of the file that it is about, others as they would be brought up. */
    const knownFor = (operation: Operation | undefined): readonly KnownStanza[] => {
      const all = knownIn(known(usual));
      const file = operation === undefined ? usual : fileFor(operation);
      if (operation === undefined || file === usual) return all;
      const isOwn = ({ logical }: KnownStanza) => logical === operation.logical;
      return [...knownIn(known(file)).filter(isOwn), ...all.filter(one => !isOwn(one))];
    };

    netconf.hooks.source.for('ENI').tapPromise('interfaces(5)', async operation => {
      const file = operation.options.file ?? operation.parameters.file ?? usual;
      const interfaces = complete(file, files.get(file));
      const logical = await logicalName(netconf, operation, interfaces.mappings);
      const found = interfaces.stanzas.filter(({ name }) => name === logical);
      if (file === usual || found.length === 0) foundIn.delete(operation.interface);
      else foundIn.set(operation.interface, file);
      // Another tap may know it.
      if (found.length === 0) return undefined;
      return found.map(stanza => stanzaFor(stanza, logical === operation.logical ? undefined : logical));
    });
    // A machine without the file declares nothing, which is nothing to warn of: only who asks for it is told.
    netconf.hooks.declared.tap('auto, allow-CLASS', (declared, { file }) => {
      if (file === undefined && !existsSync(usual)) return undefined;
      return [...declared, ...declaredIn(files.get(file ?? usual).interfaces)];
    });
    tapRename(netconf, files, usual);
    netconf.hooks.stanzas.tap('interfaces(5)', (before, operation) => {
      const own = knownFor(operation);
      return before.length === 0 ? own : [...before, ...own];
    });
    netconf.hooks.prerequisites.tap('requires', (interfaces, operation) => {
      const own = netconf.gather('stanzas', [], operation).filter(one => one.logical === operation.logical);
      const needed = own.flatMap(({ stanza }) =>
        wordsOf(optionsOfStanza(stanza).get('requires')?.value ?? ''),
      );
      return [...interfaces, ...needed.filter(name => !interfaces.includes(name))];
    });
    tapDevices(netconf);
    tapPhases(netconf, {
      scripts,
      deadline,
      withoutScripts: operation => known(fileFor(operation))?.noScripts ?? [],
    });
    netconf.on('interface.deconfigured', event => {
      foundIn.delete(event.interface ?? '');
    });
  },
});

/** Throws an Error with the first mistake of the file itself: ifupdown does nothing then. */
function complete(file: string, { interfaces, notices, complete: whole }: Parsed): Interfaces {
  if (whole) return interfaces;
  const mistake = notices.findLast(({ level }) => level === 'error');
  const reason = mistake === undefined ? '' : `: ${noticeText(mistake)}`;
  throw new Error(`couldn't read interfaces file "${file}"${reason}`);
}

/** All stanzas, for plugins that ask: the same list for as long as the files are the same. */
function knownIn(interfaces: Interfaces | undefined): readonly KnownStanza[] {
  if (interfaces === undefined) return [];
  let known = knownLists.get(interfaces);
  if (known === undefined) {
    const classes = new Map<string, string[]>();
    for (const [name, entries] of interfaces.classes) {
      for (const entry of entries) {
        const logical = entry.slice(entry.indexOf('=') + 1);
        classes.set(logical, [...(classes.get(logical) ?? []), name]);
      }
    }
    known = interfaces.stanzas.map(stanza => ({
      logical: stanza.name,
      classes: classes.get(stanza.name) ?? [],
      stanza: stanzaFor(stanza),
    }));
    knownLists.set(interfaces, known);
  }
  return known;
}

const knownLists = new WeakMap<Interfaces, readonly KnownStanza[]>();
