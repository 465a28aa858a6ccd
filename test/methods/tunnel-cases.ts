/** Tunnels as interfaces(5) declares them: what a dry run says anywhere, and a kernel that has them makes. */
export interface Case {
  title: string;
  method: string;
  family: string;
  options: Record<string, string>;
  /** Of a dry run. */
  commands: string[];
}

export const cases: Case[] = [
  {
    title: 'GRE over IPv4, point to point, with a gateway',
    method: 'tunnel',
    family: 'inet',
    options: {
      mode: 'GRE',
      endpoint: '192.0.2.9',
      local: '192.0.2.2',
      address: '10.0.0.1/30',
      dstaddr: '10.0.0.2',
      ttl: '64',
      mtu: '1400',
      gateway: '10.0.0.2',
      metric: '4',
    },
    commands: [
      'ip link add tun9 type gre remote 192.0.2.9 local 192.0.2.2 ttl 64',
      'ip link set dev tun9 mtu 1400',
      'ip link set dev tun9 up',
      'ip address add 10.0.0.1 peer 10.0.0.2/32 scope 0 dev tun9 label tun9',
      'ip route add default via 10.0.0.2 metric 4 dev tun9 proto 110',
    ],
  },
  {
    title: 'IPIP over IPv4',
    method: 'tunnel',
    family: 'inet',
    options: { mode: 'ipip', endpoint: '192.0.2.9', address: '10.0.0.1', netmask: '255.255.255.0' },
    commands: [
      'ip link add tun9 type ipip remote 192.0.2.9',
      'ip link set dev tun9 up',
      'ip address add 10.0.0.1/24 scope 0 dev tun9 label tun9',
    ],
  },
  {
    title: 'GRE over IPv6',
    method: 'tunnel',
    family: 'inet6',
    options: {
      mode: 'ip6gre',
      endpoint: '2001:db8::9',
      local: '2001:db8::2',
      address: '2001:db8:1::1/64',
      encaplimit: 'none',
    },
    commands: [
      'ip link add tun9 type ip6gre remote 2001:db8::9 local 2001:db8::2 encaplimit none',
      'ip link set dev tun9 up',
      'ip -6 address add 2001:db8:1::1/64 dev tun9',
    ],
  },
  {
    title: 'IPv4 over IPv6',
    method: 'tunnel',
    family: 'inet6',
    options: { mode: 'IPIP6', endpoint: '2001:db8::9', address: '10.0.0.1/30' },
    commands: [
      'ip link add tun9 type ip6tnl mode ipip6 remote 2001:db8::9',
      'ip link set dev tun9 up',
      'ip address add 10.0.0.1/30 scope 0 dev tun9 label tun9',
    ],
  },
  {
    title: 'IPv6 over IPv4 to one endpoint',
    method: 'v4tunnel',
    family: 'inet6',
    options: {
      endpoint: '192.0.2.9',
      local: '192.0.2.2',
      address: '2001:db8:1::1',
      netmask: '64',
      gateway: '2001:db8:1::2',
      mtu: '1300',
    },
    commands: [
      'ip link add tun9 type sit remote 192.0.2.9 local 192.0.2.2',
      'ip link set dev tun9 mtu 1300',
      'ip link set dev tun9 up',
      'ip -6 address add 2001:db8:1::1/64 dev tun9',
      'ip -6 route add default via 2001:db8:1::2 metric 1024 dev tun9 proto 110',
    ],
  },
  {
    title: '6to4',
    method: '6to4',
    family: 'inet6',
    options: { local: '192.0.2.2', metric: '4', ttl: '64' },
    commands: [
      'ip link add tun9 type sit remote any local 192.0.2.2 ttl 64',
      'ip link set dev tun9 up',
      'ip -6 address add 2002:c000:202::1/16 dev tun9',
      'ip -6 route add 2000::/3 via ::192.88.99.1 metric 4 onlink dev tun9 proto 110',
    ],
  },
];
