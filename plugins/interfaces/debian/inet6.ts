import { cleanHardwareAddress, constant, hexAddress, preferredLifetime, token } from './conversions.ts';
import { always, type DebianMethod, type Facts, isLink, type When } from './method.ts';

const cleanHardware = { option: 'hwaddress', convert: cleanHardwareAddress };
const keepPreference = { option: 'preferred-lifetime', convert: preferredLifetime };
const notLoopback = ({ loopback }: Facts) => !loopback;
const linkDown = { when: isLink, run: 'ip link set dev %iface% down' };

const module6 = 'modprobe -q net-pf-10 > /dev/null 2>&1 || true # ignore failure.';
const sysctl = 'sysctl -q -e -w net.ipv6.conf.%iface/.//%';
const mtu = `-[[if [ "$(cat /sys/class/net/%iface%/mtu)" -lt %mtu% ]; then ip link set dev %iface% mtu %mtu%; else ${sysctl}.mtu=%mtu%; fi]]`;
/** Addresses of earlier advertisements go where none are to be accepted. */
const flushManaged: When = {
  when: of => of.set('accept_ra') && !of.truthy('accept_ra'),
  run: 'ip addr flush dev %iface% mngtmpaddr',
};
const dhclient = 'dhclient -6';
const dhclientFiles =
  '-pf /run/dhclient6.%iface%.pid -lf /var/lib/dhcp/dhclient6.%iface%.leases -I -df /var/lib/dhcp/dhclient.%iface%.leases';
const dhclientPrefix =
  '-pf /run/dhclient6.%iface%.pid -lf /var/lib/dhcp/dhclient6.%iface%.leases -I -P -N -df /var/lib/dhcp/dhclient.%iface%.leases';
const noClient = "echo 'No DHCPv6 client software found!' >&2; false";
const waitForLinkLocal = '/lib/ifupdown/wait-for-ll6.sh';
const settle = '/lib/ifupdown/settle-dad.sh';
const hasClient = (of: Facts) => of.executable('dhclient');
const wantsDhcp = (of: Facts) => of.truthy('dhcp');

/** Duplicate address detection is left out only where it is turned off in words. */
const detects = (of: Facts) => !of.set('dad-attempts') || of.truthy('dad-attempts');
const addAddress =
  'ip -6 addr add %address%[[/%netmask%]] [[scope %scope%]] dev %iface% [[preferred_lft %preferred-lifetime%]]';

/** IPv6 in IPv6 or GRE carries either family; what is no `ipip6` tunnel carries IPv6. */
const isIpip6 = (of: Facts) => of.is('mode', 'ipip6');
const isNotIpip6 = (of: Facts) => !of.is('mode', 'ipip6');

/** Debian's command lines for `inet6`. */
export const inet6: Readonly<Record<string, DebianMethod>> = {
  auto: {
    defaults: [
      ['accept_ra', '2'],
      ['request_prefix', '0'],
      ['ll-attempts', '60'],
      ['ll-interval', '0.1'],
    ],
    up: [
      module6,
      `-[[${sysctl}.use_tempaddr=%privext%]]`,
      `-${sysctl}.accept_ra=%accept_ra%`,
      `-${sysctl}.autoconf=1`,
      flushManaged,
      'ip link set dev %iface% up',
      { when: of => wantsDhcp(of) && of.executable(waitForLinkLocal), run: waitForLinkLocal },
      {
        first: [
          {
            when: of => wantsDhcp(of) && hasClient(of) && of.truthy('request_prefix'),
            run: `${dhclient} -v -P ${dhclientFiles} %iface%`,
          },
          {
            when: of => wantsDhcp(of) && hasClient(of),
            run: `${dhclient} -1 -v -S ${dhclientFiles} %iface%`,
          },
          { when: wantsDhcp, run: noClient },
        ],
      },
    ],
    down: [
      {
        first: [
          { when: of => wantsDhcp(of) && hasClient(of), run: `${dhclient} -v -r ${dhclientFiles} %iface%` },
          { when: wantsDhcp, run: noClient },
        ],
      },
      'ip -6 addr flush dev %iface% scope global',
      linkDown,
    ],
  },
  loopback: {
    up: [
      { when: notLoopback, run: '-ip link set dev %iface% up 2>/dev/null' },
      { when: notLoopback, run: '-ip addr add dev %iface% ::1 2>/dev/null' },
    ],
    down: [
      { when: notLoopback, run: '-ip addr del dev %iface% ::1 2>/dev/null' },
      { when: notLoopback, run: '-ip link set dev %iface% down 2>/dev/null' },
    ],
  },
  static: {
    defaults: [
      ['autoconf', '0'],
      ['preferred-lifetime', ''],
      ['dad-attempts', '60'],
      ['dad-interval', '0.1'],
    ],
    conversions: [
      cleanHardware,
      keepPreference,
      { option: 'address', into: 'netmask?', convert: token('/', 1, '') },
      { option: 'address', convert: token('/', 0, '') },
      { option: 'gateway', into: 'accept_ra?', convert: constant('0') },
    ],
    up: [
      module6,
      `-[[${sysctl}.use_tempaddr=%privext%]]`,
      `-[[${sysctl}.accept_ra=%accept_ra%]]`,
      `-[[${sysctl}.autoconf=%autoconf%]]`,
      mtu,
      flushManaged,
      'ip link set dev %iface% [[address %hwaddress%]] up',
      { when: detects, run: addAddress },
      { when: of => !detects(of), run: `${addAddress} nodad` },
      '[[ ip -6 route replace default via %gateway% [[metric %metric%]] dev %iface% onlink ]]',
      { when: of => !of.noAct && of.executable(settle) && of.truthy('dad-attempts'), run: settle },
    ],
    down: [
      '[[ ip -6 route del default via %gateway% [[metric %metric%]] dev %iface% ]]',
      'ip -6 addr del %address%[[/%netmask%]] [[scope %scope%]] dev %iface%',
      { when: isLink, run: 'ip -6 addr flush dev %iface%' },
      linkDown,
    ],
  },
  manual: {
    conversions: [cleanHardware],
    up: [
      mtu,
      '[[ip link set dev %iface% address %hwaddress%]]',
      'ip link set dev %iface% up 2>/dev/null || true',
    ],
    down: [
      { when: isLink, run: 'ip -6 addr flush dev %iface% 2>/dev/null || true' },
      { when: ({ link, all }) => link || !all, run: 'ip link set dev %iface% down 2>/dev/null || true' },
    ],
  },
  dhcp: {
    defaults: [
      ['accept_ra', '1'],
      ['request_prefix', '0'],
      ['ll-attempts', '60'],
      ['ll-interval', '0.1'],
    ],
    conversions: [cleanHardware],
    up: [
      module6,
      `-[[${sysctl}.accept_ra=%accept_ra%]]`,
      `-[[${sysctl}.autoconf=%autoconf%]]`,
      flushManaged,
      'ip link set dev %iface% [[address %hwaddress%]] up',
      { when: of => of.executable(waitForLinkLocal), run: waitForLinkLocal },
      {
        first: [
          {
            when: of => hasClient(of) && of.truthy('request_prefix'),
            run: `${dhclient} -v ${dhclientPrefix} %iface%`,
          },
          { when: hasClient, run: `${dhclient} -v ${dhclientFiles} %iface%` },
          { when: always, run: noClient },
        ],
      },
    ],
    down: [
      {
        first: [
          { when: hasClient, run: `${dhclient} -v -r ${dhclientFiles} %iface%` },
          { when: always, run: noClient },
        ],
      },
      linkDown,
    ],
  },
  tunnel: {
    up: [
      'ip -6 tunnel add %iface% mode %mode% remote %endpoint% [[local %local%]]        [[ttl %ttl%]] [[encaplimit %encaplimit%]]',
      'ip link set %iface% up [[mtu %mtu%]]',
      {
        when: isIpip6,
        run: '[[ip -4 addr add %address%/%netmask% dev %iface% [[peer %dstaddr%]] ]]',
      },
      {
        when: isIpip6,
        run: '[[ip -4 route add 0.0.0.0/0 via %gateway% [[metric %metric%]] dev %iface% onlink ]]',
      },
      {
        when: isNotIpip6,
        run: '[[ip -6 addr add %address%/%netmask% dev %iface% [[peer %dstaddr%]] ]]',
      },
      {
        when: isNotIpip6,
        run: '[[ip -6 route add ::/0 via %gateway% [[metric %metric%]] dev %iface% onlink ]]',
      },
    ],
    down: ['ip -6 tunnel del %iface%'],
  },
  v4tunnel: {
    defaults: [['preferred-lifetime', '']],
    conversions: [keepPreference],
    up: [
      module6,
      'ip tunnel add %iface% mode sit remote %endpoint% [[local %local%]]        [[ttl %ttl%]]',
      'ip link set %iface% up [[mtu %mtu%]]',
      '[[ ip addr add %address%[[/%netmask%]] dev %iface% [[preferred_lft %preferred-lifetime%]] ]]',
      '[[ ip route add %gateway% dev %iface% ]]',
      '[[ ip route add ::/0 via %gateway% [[metric %metric%]] dev %iface% onlink ]]',
    ],
    down: ['ip tunnel del %iface%'],
  },
  '6to4': {
    defaults: [['preferred-lifetime', '']],
    conversions: [{ option: 'local', into: 'hexaddress', convert: hexAddress }, keepPreference],
    up: [
      module6,
      'ip tunnel add %iface% mode sit remote any local %local%        [[ttl %ttl%]]',
      'ip link set %iface% up [[mtu %mtu%]]',
      'ip addr add 2002:%hexaddress%::1/16 dev %iface% [[preferred_lft %preferred-lifetime%]]',
      'ip route add 2000::/3 via ::192.88.99.1 [[metric %metric%]] dev %iface%',
    ],
    down: ['ip -6 route flush dev %iface%', 'ip link set dev %iface% down', 'ip tunnel del %iface%'],
  },
};
