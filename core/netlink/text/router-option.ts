import type { RouterOption } from '../../bus/objects.ts';
import { readBe32 } from '../wire/endian.ts';
import type { Message } from '../wire/message.ts';
import { hex, ipText } from './addresses.ts';
import { bytesOf, headerOf, present } from './fields.ts';

/** The options of RTM_NEWNDUSEROPT, each with its type and length in front (RFC 4861 section 4.6). */
export function routerOptions(message: Message): RouterOption[] {
  const options: RouterOption[] = [];
  const bytes = message.body ?? new Uint8Array();
  const router = bytesOf(message.attributes, 'srcaddr');
  for (let at = 0; bytes.length - at >= 8; ) {
    const length = bytes[at + 1]! * 8;
    if (length === 0 || length > bytes.length - at) break;
    const option = bytes.subarray(at, at + length);
    options.push(
      present<RouterOption>({
        ifindex: headerOf(message, 'ifindex'),
        router: router && ipText(router),
        type: option[0]!,
        kind: kinds[option[0]!] ?? `option-${option[0]}`,
        ...details(option),
        bytes: hex(option),
      }),
    );
    at += length;
  }
  return options;
}

const kinds: Readonly<Record<number, string>> = {
  3: 'prefix-information',
  21: 'pvd',
  24: 'route-information',
  25: 'rdnss',
  31: 'dnssl',
  37: 'captive-portal',
  38: 'pref64',
};

function details(option: Uint8Array): Partial<RouterOption> {
  switch (kinds[option[0]!]) {
    // RFC 8106 section 5.1: life time at 4, addresses from 8.
    case 'rdnss':
      return {
        lifetime: readBe32(option, 4),
        servers: Array.from({ length: (option.length - 8) >> 4 }, (_, i) =>
          ipText(option.subarray(8 + 16 * i, 24 + 16 * i)),
        ),
      };
    // RFC 8106 section 5.2: life time at 4, names in DNS label form from 8, padded with zeros.
    case 'dnssl':
      return { lifetime: readBe32(option, 4), domains: domains(option.subarray(8)) };
    // RFC 8801 section 3.1: flags and delay, sequence number, the identifier as one name from 6.
    case 'pvd':
      return { domains: domains(option.subarray(6)).slice(0, 1) };
    default:
      return {};
  }
}

/** Names in the label form of RFC 1035 section 3.1, up to the padding or what makes no sense. */
function domains(bytes: Uint8Array): string[] {
  const found: string[] = [];
  for (let at = 0; at < bytes.length && bytes[at] !== 0; ) {
    const labels: string[] = [];
    while (at < bytes.length && bytes[at] !== 0) {
      const length = bytes[at]!;
      if (length > 63 || at + 1 + length > bytes.length) return found;
      labels.push(Buffer.from(bytes.subarray(at + 1, at + 1 + length)).toString('latin1'));
      at += 1 + length;
    }
    if (at >= bytes.length) return found;
    found.push(labels.join('.'));
    at++;
  }
  return found;
}
