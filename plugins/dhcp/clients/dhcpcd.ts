import { readlinkSync } from 'node:fs';
import { type Client, pidIn } from './client.ts';

/**
 * dhcpcd 9.4 and later, which need not configure the interface themselves (`--noconfigure`): dhcpcd(8). It renames its
 * process and has its pid file in a fixed place.
 */
export const dhcpcd: Client = {
  name: 'dhcpcd',
  programs: ['dhcpcd'],
  families: ['inet', 'inet6'],
  command({ settings, files, script, inbox }) {
    const { interface: on, family, prefix, hostname, identifier, vendor, leasetime } = settings;
    const line = (word: string, value: string | number | undefined) =>
      value === undefined ? [] : [`${word} ${value}`];
    const lines = [
      'option classless_static_routes, domain_name_servers, domain_name, domain_search, routers, interface_mtu',
      'option ntp_servers, smtp_server, posix_timezone, tzdb_timezone, wpad_url, subnet_mask, broadcast_address',
      'option dhcp6_name_servers, dhcp6_domain_search, dhcp6_sntp_servers, dhcp6_ntp_server',
      'require dhcp_server_identifier',
      'timeout 0',
      'noipv4ll',
      // Without it, it asks for an address only when a router says so.
      ...(family === 'inet6' ? ['noipv6rs', 'ia_na 1', ...(prefix ? ['ia_pd 2'] : [])] : []),
      ...line('hostname', hostname),
      ...line('clientid', identifier),
      ...line('vendorclassid', vendor),
      ...line('leasetime', leasetime),
    ];
    files.write('conf', `# Made by netconf for this start of the client.\n${lines.join('\n')}\n`);
    return [
      ...['-B', family === 'inet' ? '-4' : '-6', '--noconfigure', '-f', files.path('conf')],
      ...['-c', script, '-e', `NETCONF_DHCP=${inbox}`, on],
    ];
  },
  find(command) {
    const [program = ''] = command;
    const on = command.at(-1) ?? '';
    const family = command.includes('-6') ? 6 : 4;
    for (const file of [`/run/dhcpcd/${on}-${family}.pid`, `/run/dhcpcd-${on}-${family}.pid`]) {
      const pid = pidIn(file);
      if (pid !== undefined && programOf(pid)?.endsWith(`/${program.split('/').at(-1)}`)) return pid;
    }
    return undefined;
  },
  // "Release the lease, de-configure the interface and exit."
  release: { signals: ['SIGALRM'] },
};

/** The program that a process runs; undefined when it is gone. */
function programOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '');
  } catch {
    return undefined;
  }
}
