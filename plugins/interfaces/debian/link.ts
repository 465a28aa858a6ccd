import { decimal, token } from './conversions.ts';
import type { DebianMethod, Facts } from './method.ts';

const isVlan = (of: Facts) => of.has('.');

/** What ifupdown runs for the link itself, once an interface: VLANs made and removed, the alias of `description`. */
export const link: DebianMethod = {
  conversions: [
    { option: 'iface', into: 'link', convert: token('.', 0, '') },
    { option: 'iface', into: 'vlan_id0', convert: token('.', 1, '') },
    { option: 'iface', into: 'iface0', convert: token(':', 0, '') },
    { option: 'vlan_id0', into: 'vlan_id1', convert: token(':', 0, '') },
    { option: 'vlan_id1', into: 'vlan_id', convert: decimal },
  ],
  up: [
    {
      when: isVlan,
      run: 'if test -d /sys/class/net/%link% &&         ! ip link show %iface0% >/dev/null 2>&1;     then         if test `cat /sys/class/net/%link%/type` -eq 32; then             echo 0x%vlan_id1% > /sys/class/net/%link%/create_child;         else             ip link set up dev %link%;             ip link add link %link% name %iface0% type vlan id %vlan_id%; \tfi;     fi',
    },
    { when: ({ loopback }) => loopback, run: '-ip link set up dev %iface% 2>/dev/null' },
    '[[ip link set %iface0% alias "%description%"]]',
  ],
  down: [
    {
      when: of => isVlan(of) && !of.has(':'),
      run: 'if test -d /sys/class/net/%link%/device/infiniband; then         if test `cat /sys/class/net/%link%/type` -eq 32; then             echo 0x%vlan_id1% > /sys/class/net/%link%/delete_child;         fi     else         ip link del %iface%;     fi',
    },
    { when: ({ loopback }) => loopback, run: '-ip link set down dev %iface% 2>/dev/null' },
    '[[-test -n "%description%" && ip link set %iface0% alias ""]]',
  ],
};

/** `rename CUR=NEW`. */
export const rename = 'ip link set %iface% name %newname%';
