import { type Client, findByCommand } from './client.ts';

/** Seconds between two attempts. */
const pause = 3;

/** Options that it does not ask for by itself: routes, search, MTU, NTP, time zone, proxy, mail. */
const wanted = [
  'staticroutes',
  'msstaticroutes',
  'search',
  'mtu',
  'ntpsrv',
  'tzstr',
  'tzdbstr',
  'wpad',
  '69',
];

/** udhcpc of busybox. */
export const udhcpc: Client = {
  name: 'udhcpc',
  programs: ['udhcpc'],
  families: ['inet'],
  command({ settings, files, script }) {
    const { interface: on, hostname, identifier, vendor, leasetime, timeout } = settings;
    // It calls it a failure when it has asked so often; the step waits no longer than that.
    const times = Math.ceil(timeout / pause) + 1;
    const option = (word: string, value: string | undefined) => (value === undefined ? [] : [word, value]);
    return [
      // With -R it gives its lease back when it ends.
      ...['-f', '-R', '-i', on, '-p', files.path('pid'), '-s', script],
      ...['-t', String(times), '-T', String(pause), '-A', '10'],
      ...wanted.flatMap(name => ['-O', name]),
      ...option('-x', hostname && `hostname:${hostname}`),
      // Of type 0: text that is no hardware address (RFC 2132, section 9.14).
      ...option('-x', identifier && `0x3d:00${Buffer.from(identifier).toString('hex')}`),
      ...option('-V', vendor),
      ...option('-x', leasetime === undefined ? undefined : `lease:${leasetime}`),
    ];
  },
  environment: ({ inbox }) => ({ NETCONF_DHCP: inbox }),
  find: findByCommand,
  release: { signals: ['SIGTERM'] },
};
