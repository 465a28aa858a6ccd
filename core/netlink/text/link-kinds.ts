// Long because it is one table: the attributes of every kind of link, with the form that iproute2 gives each.
import type { Attribute, Value } from '../wire/attributes.ts';
import { readBe32, readU32 } from '../wire/endian.ts';
import { hardwareText, hex, ipText } from './addresses.ts';
import type { LinkNames } from './link-names.ts';

/**
 * IFLA_INFO_DATA and IFLA_INFO_SLAVE_DATA in the text forms of iproute2 (ip/iplink_*.c). An attribute without a form
 * here is its number or text as it is, bytes are hexadecimal; one that is `hidden` iproute2 does not print either.
 */
export function kindData(kind: string, data: Attribute[], links: LinkNames): Record<string, unknown> {
  return show(data, kinds[kind] ?? {}, links);
}

export function slaveData(kind: string, data: Attribute[], links: LinkNames): Record<string, unknown> {
  return show(data, slaves[kind] ?? {}, links);
}

/** Gives the value's text form, the fields that stand for it, or undefined for nothing. */
type Form = (value: Value, links: LinkNames) => unknown;
type Forms = Readonly<Record<string, Form>>;

/** Several fields in place of the one that the attribute is named for. */
class Fields {
  readonly fields: Record<string, unknown>;
  constructor(fields: Record<string, unknown>) {
    this.fields = fields;
  }
}

function show(data: Attribute[], forms: Forms, links: LinkNames): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const { type, name = String(type), value } of data) {
    const form = forms[name] ?? plain;
    const result = form(value, links);
    if (result instanceof Fields) Object.assign(shown, result.fields);
    else if (result !== undefined) shown[name] = result;
  }
  return shown;
}

const plain: Form = (value, links) => {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint8Array) return hex(value);
  if (Array.isArray(value)) return show(value as Attribute[], {}, links);
  return value;
};
const hidden: Form = () => undefined;
const boolean: Form = value => value !== 0;
/** Printed when it is set. */
const whenSet: Form = value => (value === 0 ? undefined : true);
const nonZero: Form = value => (value === 0 ? undefined : value);
const hexadecimal: Form = value => `0x${Number(value).toString(16)}`;
/** `%#x`, which has no prefix for zero. */
const mask: Form = value => (value === 0 ? '0' : hexadecimal(value, none));
/** Hundredths of a second to seconds. */
const timer: Form = value => Number(value) / 100;
const hardware: Form = value => (value instanceof Uint8Array ? hardwareText(value) : undefined);
const ip: Form = value =>
  value instanceof Uint8Array && value.some(byte => byte !== 0) ? ipText(value) : undefined;
const anyIp: Form = value =>
  value instanceof Uint8Array ? (value.some(byte => byte !== 0) ? ipText(value) : 'any') : undefined;
const linkName: Form = (value, links) => (value === 0 ? undefined : links.of(Number(value)));
const oneOf =
  (choices: Readonly<Record<number, string>>, otherwise: Form = plain): Form =>
  (value, links) =>
    choices[Number(value)] ?? otherwise(value, links);
const ethernetProtocol = oneOf({ 33024: '802.1Q', 34984: '802.1ad' }, hexadecimal);
const none = undefined as unknown as LinkNames;

/** Priority, a dot, and the hardware address with single digits where they are. */
const bridgeId: Form = value => {
  if (!(value instanceof Uint8Array) || value.length !== 8) return undefined;
  const priority = hex(value.subarray(0, 2));
  return `${priority}.${Array.from(value.subarray(2), byte => byte.toString(16)).join(':')}`;
};

const bridge: Forms = {
  vlan_protocol: ethernetProtocol,
  group_fwd_mask: mask,
  root_id: bridgeId,
  bridge_id: bridgeId,
  hello_timer: timer,
  tcn_timer: timer,
  topology_change_timer: timer,
  gc_timer: timer,
  group_addr: hardware,
  pad: hidden,
  mcast_querier_state: hidden,
  multi_boolopt: value => {
    if (!(value instanceof Uint8Array) || value.length < 8) return undefined;
    const [bits, valid] = [readU32(value, 0), readU32(value, 4)];
    const options = [
      'no_linklocal_learn',
      'mcast_vlan_snooping',
      'mst_enabled',
      'mdb_offload_fail_notification',
    ];
    return new Fields(
      Object.fromEntries(
        options.flatMap((name, bit) => (valid & (1 << bit) ? [[name, (bits >>> bit) & 1]] : [])),
      ),
    );
  },
};

const bridgePort: Forms = {
  state: oneOf(['disabled', 'listening', 'learning', 'forwarding', 'blocking']),
  hairpin: boolean,
  guard: boolean,
  root_block: boolean,
  fastleave: boolean,
  learning: boolean,
  flood: boolean,
  proxy_arp: boolean,
  proxy_arp_wifi: boolean,
  learning_sync: hidden,
  root_id: bridgeId,
  bridge_id: bridgeId,
  id: hexadecimal,
  no: hexadecimal,
  message_age_timer: timer,
  forward_delay_timer: timer,
  hold_timer: timer,
  mcast_flood: boolean,
  mcast_to_unicast: boolean,
  vlan_tunnel: boolean,
  bcast_flood: boolean,
  neigh_suppress: boolean,
  neigh_vlan_suppress: boolean,
  isolated: boolean,
  locked: boolean,
  mab: boolean,
  mrp_ring_open: hidden,
  mrp_in_open: hidden,
  mcast_eht_hosts_limit: hidden,
  mcast_eht_hosts_cnt: hidden,
  backup_port: linkName,
  pad: hidden,
  group_fwd_mask: value => {
    const known: Readonly<Record<number, string>> = { 1: 'stp', 4: 'lacp', 16384: 'lldp' };
    const bits = Array.from({ length: 16 }, (_, bit) => 1 << bit).filter(bit => Number(value) & bit);
    return new Fields({
      group_fwd_mask: mask(value, none),
      group_fwd_mask_str: bits.map(bit => known[bit] ?? `0x${bit.toString(16)}`).join(',') || '0x0',
    });
  },
};

const vlan: Forms = {
  protocol: ethernetProtocol,
  flags: value => {
    if (!(value instanceof Uint8Array) || value.length < 8) return undefined;
    const bits = readU32(value, 0);
    const known = ['REORDER_HDR', 'GVRP', 'LOOSE_BINDING', 'MVRP', 'BRIDGE_BINDING'];
    return known.filter((_, bit) => bits & (1 << bit));
  },
  egress_qos: qosMap,
  ingress_qos: qosMap,
};

const macvlan: Forms = {
  mode: oneOf({ 1: 'private', 2: 'vepa', 4: 'bridge', 8: 'passthru', 16: 'source' }),
  flags: value =>
    value === 0 ? undefined : ['nopromisc', 'nodst'].filter((_, bit) => Number(value) & (1 << bit)),
  macaddr_mode: hidden,
  macaddr_count: nonZero,
  macaddr_data: value =>
    Array.isArray(value) && value.length > 0
      ? (value as Attribute[]).map(entry => hardware(entry.value, none))
      : undefined,
  bccutoff: value => Number(value) | 0,
};

const vxlan: Forms = {
  group: value => destination(value, 'group', 'remote'),
  group6: value => destination(value, 'group6', 'remote6'),
  local: ip,
  local6: ip,
  link: linkName,
  tos: value => (value === 0 ? undefined : hexadecimal(value, none)),
  label: value => (value === 0 ? undefined : hexadecimal(value, none)),
  limit: nonZero,
  port_range: value =>
    value instanceof Uint8Array && value.length === 4
      ? { low: readBe32(value, 0) >>> 16, high: readBe32(value, 0) & 0xffff }
      : undefined,
  learning: boolean,
  proxy: whenSet,
  rsc: whenSet,
  l2miss: whenSet,
  l3miss: whenSet,
  external: whenSet,
  vnifilter: whenSet,
  localbypass: boolean,
  udp_csum: boolean,
  udp_zero_csum6_tx: boolean,
  udp_zero_csum6_rx: boolean,
  remcsum_tx: whenSet,
  remcsum_rx: whenSet,
  remcsum_nopartial: hidden,
  ttl_inherit: whenSet,
  label_policy: hidden,
  reserved_bits: hidden,
  df: oneOf(['unset', 'set', 'inherit']),
};

const bond: Forms = {
  mode: oneOf([
    'balance-rr',
    'active-backup',
    'balance-xor',
    'broadcast',
    '802.3ad',
    'balance-tlb',
    'balance-alb',
  ]),
  active_slave: linkName,
  primary: linkName,
  arp_ip_target: targets,
  ns_ip6_target: targets,
  arp_validate: oneOf(
    [null as unknown as string, 'active', 'backup', 'all', 'filter', 'filter_active', 'filter_backup'],
    () => null,
  ),
  arp_all_targets: oneOf(['any', 'all']),
  primary_reselect: oneOf(['always', 'better', 'failure']),
  fail_over_mac: oneOf(['none', 'active', 'follow']),
  xmit_hash_policy: oneOf(['layer2', 'layer3+4', 'layer2+3', 'encap2+3', 'encap3+4', 'vlan+srcmac']),
  ad_lacp_rate: oneOf(['slow', 'fast']),
  ad_lacp_active: oneOf(['off', 'on']),
  ad_select: oneOf(['stable', 'bandwidth', 'count']),
  ad_info: (value, links) => show(value as Attribute[], { partner_mac: hardware }, links),
  ad_actor_system: hardware,
};

const bondSlave: Forms = {
  state: oneOf(['ACTIVE', 'BACKUP']),
  mii_status: oneOf(['UP', 'GOING_DOWN', 'DOWN', 'GOING_BACK']),
  perm_hwaddr: hardware,
  actor_port_prio: hidden,
  ad_churn_actor_state: hidden,
  ad_churn_partner_state: hidden,
};

const tun: Forms = {
  type: oneOf({ 1: 'tun', 2: 'tap' }),
  pi: boolean,
  vnet_hdr: boolean,
  persist: boolean,
  multi_queue: boolean,
  user: value => String(value),
  group: value => String(value),
};

const tunnel: Forms = {
  local: anyIp,
  remote: anyIp,
  link: linkName,
  pmtudisc: boolean,
  proto: oneOf({ 0: 'any', 4: 'ipip', 41: 'ip6ip', 137: 'mplsip' }),
  tos: value => (value === 0 ? undefined : hexadecimal(value, none)),
  iflags: hidden,
  oflags: hidden,
  flags: hidden,
  ikey: nonZero,
  okey: nonZero,
  ignore_df: whenSet,
  fwmark: value => (value === 0 ? undefined : hexadecimal(value, none)),
  encap_type: nonZero,
  encap_flags: hidden,
  encap_sport: nonZero,
  encap_dport: nonZero,
  flowinfo: value => {
    const bits = Number(value);
    const field = (part: number, digits: number) => `0x${part.toString(16).padStart(digits, '0')}`;
    return new Fields({ tclass: field((bits >>> 20) & 0xff, 2), flowlabel: field(bits & 0xfffff, 5) });
  },
};

const ipvlan: Forms = {
  mode: oneOf(['l2', 'l3', 'l3s']),
  flags: value => new Fields({ [['bridge', 'private', 'vepa'][Number(value)] ?? `flags`]: true }),
};

const kinds: Readonly<Record<string, Forms>> = {
  bridge,
  vlan,
  macvlan,
  macvtap: macvlan,
  vxlan,
  bond,
  tun,
  geneve: {
    remote: ip,
    remote6: ip,
    tos: value => (value === 0 ? undefined : hexadecimal(value, none)),
    label: value => (value === 0 ? undefined : hexadecimal(value, none)),
    external: whenSet,
    udp_csum: boolean,
    udp_zero_csum6_tx: boolean,
    udp_zero_csum6_rx: boolean,
    ttl_inherit: whenSet,
    df: oneOf(['unset', 'set', 'inherit']),
    inner_proto_inherit: whenSet,
  },
  ipvlan,
  ipvtap: ipvlan,
  gre: tunnel,
  gretap: tunnel,
  ip6gre: tunnel,
  ip6gretap: tunnel,
  ipip: tunnel,
  sit: tunnel,
  ip6tnl: tunnel,
  vti: tunnel,
  xfrm: { link: linkName, if_id: hexadecimal },
};

const slaves: Readonly<Record<string, Forms>> = {
  bridge: bridgePort,
  bond: bondSlave,
};

function destination(value: Value, multicast: string, unicast: string): Fields | undefined {
  if (!(value instanceof Uint8Array) || value.every(byte => byte === 0)) return undefined;
  const group = value.length === 4 ? (value[0]! & 0xf0) === 0xe0 : value[0] === 0xff;
  return new Fields({ [group ? multicast : unicast]: ipText(value) });
}

function targets(value: Value): string[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return (value as Attribute[]).map(entry => String(ip(entry.value, none)));
}

function qosMap(value: Value): { from: number; to: number }[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return (value as Attribute[]).flatMap(({ value: entry }) =>
    entry instanceof Uint8Array && entry.length === 8
      ? [{ from: readU32(entry, 0), to: readU32(entry, 4) }]
      : [],
  );
}
