import type { Stanza } from 'netconf/plugin';
import { stepOf } from '../../core/plugin/steps.ts';
import { cleanHardwareAddress } from './debian/conversions.ts';
import type { InterfaceStanza } from './parse/model.ts';
import { placeText } from './parse/place.ts';

/** A stanza of the file as the core knows it; `logical` where mappings led to it. */
export function stanzaFor(
  { family, method, options, place }: InterfaceStanza,
  logical?: string | undefined,
): Stanza {
  return {
    family,
    method,
    step: stepOf(family, method),
    options: [...options].map(({ name, value }) => [name, name === 'hwaddress' ? settled(value) : value]),
    place: placeText(place),
    ...(logical !== undefined && { logical }),
  };
}

/** `random` is one address for all that see it, and for the way down. */
function settled(value: string): string {
  const context = { iface: '', valueFor: () => undefined };
  return value === 'random' ? (cleanHardwareAddress(value, context) ?? value) : value;
}
