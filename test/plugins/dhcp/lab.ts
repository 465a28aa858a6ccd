import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventJson } from '../../../core/bus/event.ts';
import type { DhcpReport } from '../../../core/bus/lease.ts';
import { programs } from '../../daemon.ts';
import { TwoSides } from '../../two-sides.ts';
import { until } from '../../until.ts';

export interface LabOptions {
  /** Files by name, in the lab's folder. */
  files?: Readonly<Record<string, string>>;
  /** Lines of the `[cfg DHCP]` section. */
  cfg?: readonly string[];
  /** More sections of the policy. */
  sections?: string;
  /** Shell lines that are run in the daemon's mount namespace before it starts. */
  mounts?: string;
}

/**
 * Two sides and a cable between them: `s0` of the server (10.3.0.1/24, fd00:3::1/64) and `e0` of the client, where a daemon
 * runs.
 */
export class Lab extends TwoSides<DhcpReport> {
  constructor(options: LabOptions = {}) {
    super('dhcp', options.mounts);
    this.ip('-n', this.serverNs, 'link', 'add', 's0', 'type', 'veth', 'peer', 'e0', 'netns', this.clientNs);
    this.ip('-n', this.serverNs, 'link', 'set', 's0', 'up');
    this.ip('-n', this.serverNs, 'addr', 'add', '10.3.0.1/24', 'dev', 's0');
    this.ip('-n', this.serverNs, 'addr', 'add', 'fd00:3::1/64', 'dev', 's0', 'nodad');
    this.inside('sysctl', '-qw', 'net.ipv6.conf.e0.dad_transmits=0');
    const { cfg = [], sections = '' } = options;
    this.policy(`[IFUP]\nstartat DHCP\n[cfg DHCP]\n${cfg.join('\n')}\n${sections}\n`);
    for (const [name, text] of Object.entries(options.files ?? {})) writeFileSync(this.path(name), text);
  }

  /** What the built `netconf` says of the daemon. */
  netconf(...words: string[]): string {
    const env = { PATH: process.env.PATH, NETCONF_SOCKET: join(this.run, 'control') };
    return execFileSync(process.execPath, [programs.netconf, ...words], { encoding: 'utf8', env });
  }

  /** A DHCP server with these options of dnsmasq(8); ends with the lab, or when it is told to. */
  async dnsmasq(...words: string[]): Promise<() => Promise<void>> {
    const fixed = ['--keep-in-foreground', '--conf-file=/dev/null', '--port=0', '--interface=s0'];
    const files = ['--pid-file=', '--user=root', `--dhcp-leasefile=${join(this.folder, 'dnsmasq.leases')}`];
    const more = ['--bind-interfaces', '--dhcp-authoritative', '--no-ping', '--log-dhcp', '--log-facility=-'];
    const end = this.server('dnsmasq', ...fixed, ...files, ...more, ...words);
    await until('dnsmasq', () => this.listens(67) || this.listens(547));
    return end;
  }

  /**
   * ISC dhcpd of an unpacked package, whose leases may be as short as one likes.
   *
   * @param configuration for `inet` what stands in the subnet's braces
   */
  async dhcpd(root: string, configuration: string, family = 4): Promise<() => Promise<void>> {
    const path = (name: string) => join(this.folder, `dhcpd${family}.${name}`);
    const subnet = family === 4 ? 'subnet 10.3.0.0 netmask 255.255.255.0' : 'subnet6 fd00:3::/64';
    const global =
      'option wpad code 252 = text; option dhcp6.ntp-server code 56 = string; ' +
      'authoritative; ping-check false; max-lease-time 86400; min-lease-time 1;';
    writeFileSync(path('conf'), `${global}\n${subnet} { ${configuration} }\n`);
    writeFileSync(path('leases'), '', { flag: 'a' });
    const files = ['-cf', path('conf'), '-lf', path('leases'), '--no-pid'];
    const end = this.server(join(root, 'usr/sbin/dhcpd'), `-${family}`, '-f', '-d', ...files, 's0');
    const heard = this.output().length;
    await until('dhcpd', () =>
      family === 6 ? this.listens(547) : this.output().slice(heard).includes('Server starting service'),
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.output().slice(heard)}`);
    });
    return end;
  }

  /** Any program on the server's side. */
  server(program: string, ...words: string[]): () => Promise<void> {
    const end = this.spawn(this.serverNs, program, ...words);
    return () => end('SIGKILL');
  }

  /** Is anybody on the server's side listening on this UDP port? */
  listens(port: number): boolean {
    return new RegExp(`[:\\]]${port} `).test(this.outside('ss', '-Hlun'));
  }

  override policy(text: string, name = 'e0'): void {
    super.policy(text, name);
  }

  up(parameters: object = {}) {
    return this.operate('Up', 'e0', parameters);
  }

  down() {
    return this.operate('Down', 'e0');
  }

  /** Addresses of `e0` with their lengths, those of the link's own aside. */
  addresses(family: 4 | 6 = 4): string[] {
    return this.addressesOf('e0', family);
  }

  routes(): string[] {
    const found = JSON.parse(this.ip('-n', this.clientNs, '-j', 'route', 'show', 'dev', 'e0')) as {
      dst: string;
      gateway?: string;
      protocol: string;
      metric?: number;
    }[];
    return found
      .filter(({ protocol }) => protocol !== 'kernel')
      .map(({ dst, gateway, metric }) => [dst, gateway, metric].filter(each => each !== undefined).join(' '));
  }

  /** The first event of this name since `after`, an index into `events`. */
  event(
    name: string,
    after = 0,
    where: (event: EventJson & { data: DhcpReport }) => boolean = () => true,
    ms?: number,
  ) {
    return this.comes(name, after, where, ms);
  }
}

/** Files that netconf keeps of clients and leases. */
export function keptFiles(lab: Lab): string[] {
  return ['dhcp-clients', 'leases', 'dhcp'].flatMap(each => {
    const folder = join(lab.run, each);
    return existsSync(folder) ? readdirSync(folder).map(name => `${each}/${name}`) : [];
  });
}

/**
 * For `mounts`: dhcpcd of an unpacked package in a place where programs are looked for, with folders of its own for what
 * it keeps.
 */
export function dhcpcdIn(root: string): string {
  return `
mkdir -p "$NETCONF_LAB/bin" "$NETCONF_LAB/dhcpcd"
[ -e "$NETCONF_LAB/bin/dhcpcd" ] || cp -a ${root}/usr/sbin/dhcpcd "$NETCONF_LAB/bin/dhcpcd"
mount --bind "$NETCONF_LAB/bin" /usr/local/sbin
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/lib
mkdir /run/dhcpcd /var/lib/dhcpcd
mount --bind "$NETCONF_LAB/dhcpcd" /run/dhcpcd`;
}
