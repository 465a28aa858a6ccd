import type { Neighbour } from '../../bus/objects.ts';
import type { Message } from '../wire/message.ts';
import { hardwareText, ipText } from './addresses.ts';
import { bytesOf, flagNames, headerOf, numberOf, present, unknownOf } from './fields.ts';
import type { LinkNames } from './link-names.ts';
import { names } from './names.ts';

/** RTM_NEWNEIGH as `ip -j neighbour` prints it. */
export function neighbourObject(message: Message, links: LinkNames): Neighbour {
  const { attributes } = message;
  const destination = bytesOf(attributes, 'dst');
  const hardware = bytesOf(attributes, 'lladdr');
  const flags = headerOf(message, 'flags');
  const protocol = numberOf(attributes, 'protocol');
  return present<Neighbour>({
    dst: destination ? ipText(destination) : '',
    dev: links.of(headerOf(message, 'ifindex')),
    lladdr: hardware?.length ? hardwareText(hardware) : undefined,
    router: flags & 0x80 ? null : undefined,
    proxy: flags & 0x08 ? null : undefined,
    extern_learn: flags & 0x10 ? null : undefined,
    offload: flags & 0x20 ? null : undefined,
    state: flagNames(headerOf(message, 'state'), states),
    protocol: protocol ? names.protocol(protocol) : undefined,
    ...unknownOf(attributes),
  });
}

/** NUD_… of linux/neighbour.h. */
const states: readonly (readonly [number, string])[] = [
  [0x01, 'INCOMPLETE'],
  [0x02, 'REACHABLE'],
  [0x04, 'STALE'],
  [0x08, 'DELAY'],
  [0x10, 'PROBE'],
  [0x20, 'FAILED'],
  [0x40, 'NOARP'],
  [0x80, 'PERMANENT'],
];
