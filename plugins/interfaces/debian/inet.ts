import { addressAlone, broadcastOf, cleanHardwareAddress, maskOfAddress } from './conversions.ts';
import { always, type DebianMethod, type Facts, isLink } from './method.ts';

const cleanHardware = [{ option: 'hwaddress', convert: cleanHardwareAddress }];
const linkDown = { when: isLink, run: 'ip link set dev %iface% down' };
const notLoopback = ({ loopback }: Facts) => !loopback;
const noClient = { when: always, run: "echo 'No DHCP client software found!' >&2; false" };
const dhclientFiles =
  '-pf /run/dhclient.%iface%.pid -lf /var/lib/dhcp/dhclient.%iface%.leases -I -df /var/lib/dhcp/dhclient6.%iface%.leases';
const dhclient = 'CLIENT="-i"; [[[ "%client%" = no ] && CLIENT="";]] dhclient -4 -v $CLIENT';
const staticAddress =
  '%address%[[/%netmask%]] [[broadcast %broadcast%]] \t[[peer %pointopoint%]] [[scope %scope%]] dev %iface% label %iface%';

const dhcp: DebianMethod = {
  conversions: cleanHardware,
  up: [
    '[[ip link set dev %iface% address %hwaddress%]]',
    {
      first: [
        {
          when: ({ executable }) => executable('dhclient'),
          run: `${dhclient} ${dhclientFiles} %iface% \t[[-e IF_METRIC=%metric%]]`,
        },
        {
          when: ({ executable }) => executable('udhcpc'),
          run: 'udhcpc -n -p /run/udhcpc.%iface%.pid -i %iface% [[-x hostname:%hostname%]]',
        },
        {
          when: ({ executable }) => executable('dhcpcd'),
          run: 'dhcpcd [[-h %hostname%]] [[-i %vendor%]] [[-I %client%]]            [[-l %leasetime%]] [[-m %metric%]] %iface%',
        },
        noClient,
      ],
    },
  ],
  down: [
    {
      first: [
        { when: ({ executable }) => executable('dhclient'), run: `${dhclient} -r ${dhclientFiles} %iface%` },
        {
          when: ({ executable }) => executable('udhcpc'),
          run: 'if test -f /run/udhcpc.%iface%.pid; then kill -USR2 $(cat /run/udhcpc.%iface%.pid); kill -TERM $(cat /run/udhcpc.%iface%.pid); fi',
        },
        { when: ({ executable }) => executable('dhcpcd'), run: 'dhcpcd -k %iface%' },
        noClient,
      ],
    },
    linkDown,
  ],
};

/** Debian's command lines for `inet`. */
export const inet: Readonly<Record<string, DebianMethod>> = {
  loopback: {
    up: [{ when: notLoopback, run: 'ip link set dev %iface% up' }],
    down: [{ when: notLoopback, run: 'ip link set dev %iface% down' }],
  },
  static: {
    defaults: [['broadcast', '+']],
    conversions: [
      ...cleanHardware,
      { option: 'address', into: 'netmask?', convert: maskOfAddress },
      { option: 'address', convert: addressAlone },
      { option: 'broadcast', convert: broadcastOf },
    ],
    up: [
      `ip addr add ${staticAddress}`,
      'ip link set dev %iface% [[mtu %mtu%]] [[address %hwaddress%]] up',
      '[[ ip route add default via %gateway% [[metric %metric%]] dev %iface% onlink ]]',
    ],
    down: [
      '[[ ip route del default via %gateway% [[metric %metric%]] dev %iface% 2>&1 1>/dev/null || true ]]',
      `ip addr del ${staticAddress}`,
      { when: isLink, run: 'ip -4 addr flush dev %iface%' },
      linkDown,
    ],
  },
  manual: {
    conversions: cleanHardware,
    up: [
      '[[ip link set dev %iface% mtu %mtu%]]',
      '[[ip link set dev %iface% address %hwaddress%]]',
      'ip link set dev %iface% up 2>/dev/null || true',
    ],
    down: [
      { when: isLink, run: 'ip -4 addr flush dev %iface% 2>/dev/null || true' },
      { when: ({ link, all }) => link && !all, run: 'ip link set dev %iface% down 2>/dev/null || true' },
    ],
  },
  dhcp,
  bootp: {
    up: [
      'bootpc [[--bootfile %bootfile%]] --dev %iface% [[--server %server%]]            [[--hwaddr %hwaddr%]] --returniffail --serverbcast',
    ],
    down: [linkDown],
  },
  tunnel: {
    up: [
      'ip tunnel add %iface% mode %mode% remote %endpoint% [[local %local%]]        [[ttl %ttl%]]',
      'ip link set %iface% up [[mtu %mtu%]]',
      'ip addr add %address%/%netmask% dev %iface% [[peer %dstaddr%]]',
      '[[ ip route add default via %gateway% [[metric %metric%]] dev %iface% onlink ]]',
    ],
    down: ['ip tunnel del %iface%'],
  },
  ppp: {
    up: ['pon [[%provider%]] [[unit %unit%]] [[%options%]]'],
    down: ['poff [[%provider%]]'],
  },
  wvdial: {
    up: [
      'start-stop-daemon --start -x /usr/bin/wvdial                       -p /run/wvdial.%iface%.pid -b -m -- [[ %provider% ]]',
    ],
    down: [
      'start-stop-daemon --stop -x /usr/bin/wvdial                       -p /run/wvdial.%iface%.pid -s 2',
    ],
  },
  ipv4ll: {
    up: ['avahi-autoipd -D %iface%'],
    down: ['avahi-autoipd --kill %iface%'],
  },
};
