import type { Schema } from '../attributes.ts';
import { be16, nested, s32, u8, u16, u32 } from '../kinds.ts';

/** NDA_… of linux/neighbour.h. */
export const neighbourSchema: Schema = {
  1: ['dst'],
  2: ['lladdr'],
  /** `struct nda_cacheinfo`: ages in hundredths of a second, reference count. */
  3: ['cacheinfo'],
  4: ['probes', u32],
  5: ['vlan', u16],
  6: ['port', be16],
  7: ['vni', u32],
  8: ['ifindex', u32],
  9: ['master', u32],
  10: ['link_netnsid', s32],
  11: ['src_vni', u32],
  12: ['protocol', u8],
  13: ['nh_id', u32],
  14: ['fdb_ext_attrs', nested({})],
  15: ['flags_ext', u32],
};
