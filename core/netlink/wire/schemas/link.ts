import { type Attribute, find, type Schema } from '../attributes.ts';
import { flag, nested, s32, text, u8, u32 } from '../kinds.ts';
import { infoDataSchemas, slaveDataSchemas } from './link-kinds.ts';

/** IFLA_INFO_… of linux/if_link.h. */
const infoSchema: Schema = {
  1: ['kind', text],
  2: ['data', nested(siblings => infoDataSchemas[kindOf(siblings, 'kind')])],
  3: ['xstats'],
  4: ['slave_kind', text],
  5: ['slave_data', nested(siblings => slaveDataSchemas[kindOf(siblings, 'slave_kind')])],
};

/** IFLA_INET6_… */
const inet6Schema: Schema = {
  1: ['flags', u32],
  2: ['conf'],
  3: ['stats'],
  4: ['mcast'],
  5: ['cacheinfo'],
  6: ['icmp6stats'],
  7: ['token'],
  8: ['addr_gen_mode', u8],
  9: ['ra_mtu', u32],
};

/** IFLA_XDP_… */
const xdpSchema: Schema = {
  2: ['attached', u8],
  3: ['flags', u32],
  4: ['prog_id', u32],
  5: ['drv_prog_id', u32],
  6: ['skb_prog_id', u32],
  7: ['hw_prog_id', u32],
};

/** IFLA_… of linux/if_link.h. */
export const linkSchema: Schema = {
  1: ['address'],
  2: ['broadcast'],
  3: ['ifname', text],
  4: ['mtu', u32],
  5: ['link', u32],
  6: ['qdisc', text],
  7: ['stats'],
  10: ['master', u32],
  11: ['wireless'],
  12: ['protinfo'],
  13: ['txqlen', u32],
  14: ['map'],
  15: ['weight', u32],
  16: ['operstate', u8],
  17: ['linkmode', u8],
  18: ['linkinfo', nested(infoSchema)],
  19: ['net_ns_pid', u32],
  20: ['ifalias', text],
  21: ['num_vf', u32],
  22: ['vfinfo_list'],
  23: ['stats64'],
  24: ['vf_ports'],
  25: ['port_self'],
  26: ['af_spec', nested({ 2: ['inet'], 10: ['inet6', nested(inet6Schema)], 45: ['mctp'] })],
  27: ['group', u32],
  28: ['net_ns_fd', u32],
  29: ['ext_mask', u32],
  30: ['promiscuity', u32],
  31: ['num_tx_queues', u32],
  32: ['num_rx_queues', u32],
  33: ['carrier', u8],
  34: ['phys_port_id'],
  35: ['carrier_changes', u32],
  36: ['phys_switch_id'],
  37: ['link_netnsid', s32],
  38: ['phys_port_name', text],
  39: ['proto_down', u8],
  40: ['gso_max_segs', u32],
  41: ['gso_max_size', u32],
  42: ['pad', flag],
  43: ['xdp', nested(xdpSchema)],
  44: ['event', u32],
  45: ['new_netnsid', s32],
  46: ['target_netnsid', s32],
  47: ['carrier_up_count', u32],
  48: ['carrier_down_count', u32],
  49: ['new_ifindex', s32],
  50: ['min_mtu', u32],
  51: ['max_mtu', u32],
  52: ['prop_list', nested({ 53: ['alt_ifname', text] })],
  53: ['alt_ifname', text],
  54: ['perm_address'],
  55: ['proto_down_reason', nested({ 1: ['mask', u32], 2: ['value', u32] })],
  56: ['parent_dev_name', text],
  57: ['parent_dev_bus_name', text],
  58: ['gro_max_size', u32],
  59: ['tso_max_size', u32],
  60: ['tso_max_segs', u32],
  61: ['allmulti', u32],
  62: ['devlink_port'],
  63: ['gso_ipv4_max_size', u32],
  64: ['gro_ipv4_max_size', u32],
  65: ['dpll_pin'],
  66: ['max_pacing_offload_horizon'],
  67: ['netns_immutable', u8],
  68: ['headroom', u32],
  69: ['tailroom', u32],
};

function kindOf(siblings: readonly Attribute[], name: string): string {
  const kind = find(siblings, name);
  return typeof kind === 'string' ? kind : '';
}
