import { host6, hosts4, hosts6, words } from '../addresses.ts';
import { attempt, type Take } from '../draft.ts';
import { option } from '../options.ts';
import { refuse } from '../refusal.ts';
import { seconds } from '../values.ts';
import { type ClientTable, table } from './client.ts';
import { prefix6 } from './dhclient.ts';

/** udhcpc replaces a name that it thinks bad by this word (busybox, networking/udhcp/dhcpc.c). */
const unlessBad =
  (take: Take): Take =>
  (draft, text) =>
    text === 'bad' ? refuse('the client found it malformed') : take(draft, text);

/** Options that it has no name for come as hexadecimal digits. */
const hexadecimal =
  (parse: (bytes: Buffer) => string, take: Take): Take =>
  (draft, text) => {
    if (!/^(?:[0-9a-fA-F]{2})+$/.test(text)) refuse('no hexadecimal digits');
    take(draft, parse(Buffer.from(text, 'hex')));
  };
const number32 = (bytes: Buffer) =>
  bytes.length === 4 ? String(bytes.readUInt32BE()) : refuse('not of 4 bytes');
const addresses = (bytes: Buffer) =>
  bytes.length % 4 === 0
    ? Array.from({ length: bytes.length / 4 }, (_, at) => bytes.subarray(at * 4, at * 4 + 4).join('.')).join(
        ' ',
      )
    : refuse('not of 4 bytes each');

/** udhcpc of busybox: says what happened in the script's argument, and has no prefix before its names. */
export const udhcpc: ClientTable = {
  client: 'udhcpc',
  reasonOf: ({ argument, variables }) =>
    variables.has('ipv6') || variables.has('ipv6prefix') ? `${argument}6` : argument,
  reasons: {
    deconfig: { fact: 'preinit', family: 'inet' },
    bound: { fact: 'bound', family: 'inet' },
    renew: { fact: 'renewed', family: 'inet' },
    nak: { fact: 'failed', family: 'inet' },
    leasefail: { fact: 'failed', family: 'inet' },
    bound6: { fact: 'bound', family: 'inet6' },
    renew6: { fact: 'renewed', family: 'inet6' },
  },
  prefixes: { now: [''], before: [] },
  // Without a prefix, anything of the environment it was started with could be one.
  others:
    /^(?:opt\d{1,3}|siaddr|sname|boot_file|tftp|bootfile|rootpath|timezone|nisdomain|nissrv|wins|vlanid|vlanpriority)$/,
  options: {
    inet: table({
      ip: option.address,
      subnet: option.mask,
      mask: option.prefixlen,
      broadcast: option.broadcast,
      router: option.routers,
      staticroutes: option.routePairs,
      msstaticroutes: option.otherRoutePairs,
      routes: option.otherRoutePairs,
      mtu: option.mtu,
      dns: option.dns4,
      search: unlessBad(option.search),
      domain: unlessBad(option.domain),
      ntpsrv: option.ntp4,
      hostname: unlessBad(option.hostname),
      lease: option.lease,
      opt58: hexadecimal(number32, option.renew),
      opt59: hexadecimal(number32, option.rebind),
      serverid: option.server4,
      opt69: hexadecimal(addresses, (draft, text) => {
        draft.smtp = hosts4(text);
      }),
      wpad: option.wpad,
      tzstr: option.posixTimezone,
      tzdbstr: option.timezoneName,
      opt53: option.nothing,
    }),
    inet6: table({
      dns: (draft, text) => {
        draft.dns = hosts6(text);
      },
      search: unlessBad(option.search),
      lease: option.lease,
      ntpsrv: option.ntp6,
      tz: option.posixTimezone,
      tzdb: option.timezoneName,
    }),
  },
  gather(variables, _prefix, draft, refused) {
    const lease = variables.get('lease') ?? undefined;
    const times = () => {
      const valid = lease === undefined ? undefined : seconds(lease);
      return valid === undefined ? {} : { valid };
    };
    const address = variables.get('ipv6');
    if (address) {
      attempt('ipv6', refused, () => {
        draft.addresses = [{ address: host6(address), prefixlen: 128, ...times() }];
      });
    }
    const delegated = variables.get('ipv6prefix');
    if (delegated) {
      attempt('ipv6prefix', refused, () => {
        draft.prefixes = words(delegated).map(each => ({ prefix: prefix6(each), ...times() }));
      });
    }
    return new Set(['ipv6', 'ipv6prefix']);
  },
};
