import { messageOf } from '../core/base/errors.ts';
import { interfaceOptions } from '../core/config/interfaces.ts';
import type { Loaded } from '../core/config/load.ts';
import { Configured } from '../core/plugin/configured.ts';
import type { Plugin, Stanza } from '../core/plugin/contract.ts';
import { optionsOfStanza } from '../core/plugin/options-of.ts';
import type { InterfaceStanza } from '../plugins/interfaces/parse/model.ts';
import { stanzaFor } from '../plugins/interfaces/stanza.ts';
import { type Finding, findingOf } from './finding.ts';

/** A plugin with the options that it is loaded with. */
export interface CheckedPlugin {
  plugin: Plugin;
  options: unknown;
}

/** Stands for a stanza where a policy begins with a step: the configuration's options alone. */
const ofNoSource: Stanza = { family: 'inet', method: 'manual', step: 'Manual', options: [] };

/**
 * What plugins have to say of the options of each stanza of interfaces(5), with those of the configuration beneath: of one
 * stanza the first mistake that each finds, as an `ifup` would.
 */
export function checkStanzas(
  plugins: readonly CheckedPlugin[],
  stanzas: readonly InterfaceStanza[],
  loaded: Loaded | undefined,
): Finding[] {
  const configured = loaded === undefined ? new Map() : interfaceOptions(loaded);
  const beneath = new Configured(configured);
  const declared = new Set(stanzas.map(({ name }) => name));
  const all = [
    ...stanzas.map(one => [one.name, stanzaFor(one)] as const),
    ...[...configured.keys()].filter(name => !declared.has(name)).map(name => [name, ofNoSource] as const),
  ];
  const findings = all.flatMap(([logical, stanza]) => {
    const whole = beneath.beneath(stanza, logical);
    return plugins.flatMap(one => mistakeIn(one, whole, logical) ?? []);
  });
  // An option of the configuration is in each stanza of its interface.
  return [...new Map(findings.map(one => [`${one.place} ${one.message}`, one])).values()];
}

/** Options of the configuration that count for nothing: no stanza and no policy is about their interface. */
export function checkStray(
  stanzas: readonly InterfaceStanza[],
  loaded: Loaded | undefined,
  hasPolicy: (name: string) => boolean,
): Finding[] {
  const declared = new Set(stanzas.map(({ name }) => name));
  const all = Object.keys(loaded?.configuration.interfaces ?? {});
  return all
    .filter(name => !declared.has(name) && !hasPolicy(name))
    .map(name => ({
      severity: 'warning',
      place: loaded?.locate(['interfaces', name]) ?? '',
      message: `no stanza and no policy is about ${name}: its options count for nothing`,
    }));
}

function mistakeIn({ plugin, options }: CheckedPlugin, stanza: Stanza, logical: string): Finding | undefined {
  try {
    plugin.checkStanza?.(optionsOfStanza(stanza), logical, options);
    return undefined;
  } catch (error) {
    return findingOf(messageOf(error), stanza.place ?? logical);
  }
}
