import { existsSync } from 'node:fs';
import type { Settings } from '../settings.ts';
import { type Client, findByCommand, type Start } from './client.ts';

/** ISC dhclient: dhclient(8). In the foreground, so that it is one process for as long as it lives. */
export const dhclient: Client = {
  name: 'dhclient',
  programs: ['dhclient'],
  families: ['inet', 'inet6'],
  command(start) {
    start.files.write('conf', configuration(start.settings));
    return ['-d', ...words(start)];
  },
  find: findByCommand,
  // It ends the other one, and tells the server.
  release: { command: start => ['-r', ...words(start)] },
};

function words({ settings, files, script, inbox }: Start): string[] {
  const { family, prefix, interface: on } = settings;
  // An identifier without the time: what it was in the last life of the machine.
  const kind = family === 'inet' ? ['-4'] : ['-6', ...(prefix ? ['-P', '-N'] : []), '-D', 'LL'];
  const own = ['-cf', files.path('conf'), '-pf', files.path('pid'), '-lf', files.path('leases')];
  return [...kind, ...own, '-sf', script, '-e', `NETCONF_DHCP=${inbox}`, on];
}

/** The administrator's own, which is read after our defaults and before what the policy says. */
const administrators = ['/etc/dhcp/dhclient.conf', '/etc/dhclient.conf'];

/** Options that it does not ask for by itself; dhclient.conf(5), dhcp-options(5). */
const wanted = [
  'rfc3442-classless-static-routes',
  'domain-search',
  'interface-mtu',
  'ntp-servers',
  'smtp-server',
  'pcode',
  'tcode',
  'wpad',
];

/** The same for DHCPv6, where what is asked for takes the place of what it asks for by itself. */
const wanted6 = ['name-servers', 'domain-search', 'sntp-servers', 'ntp-server'].map(name => `dhcp6.${name}`);

function configuration({ family, timeout, ...settings }: Settings): string {
  const { hostname, identifier, vendor, leasetime } = settings;
  const file = administrators.find(each => existsSync(each));
  const lines = [
    'option rfc3442-classless-static-routes code 121 = array of unsigned integer 8;',
    'option wpad code 252 = text;',
    // RFC 5908: suboptions, which are read where its name is known.
    'option dhcp6.ntp-server code 56 = string;',
    'initial-interval 2;',
    'backoff-cutoff 15;',
    'retry 15;',
    ...(file === undefined ? [] : [`include ${quoted(file)};`]),
    `also request ${(family === 'inet' ? wanted : wanted6).join(', ')};`,
    // Longer than the step waits: what comes of it is the step's to say.
    `timeout ${Math.max(timeout + 10, 30)};`,
    hostname === undefined ? '' : `send host-name ${quoted(hostname)};`,
    identifier === undefined ? '' : `send dhcp-client-identifier ${quoted(identifier)};`,
    vendor === undefined ? '' : `send vendor-class-identifier ${quoted(vendor)};`,
    leasetime === undefined ? '' : `send dhcp-lease-time ${leasetime};`,
  ];
  return `# Made by netconf for this start of the client.\n${lines.filter(line => line !== '').join('\n')}\n`;
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}
