import type { Schema } from '../attributes.ts';
import { nested, text, u32 } from '../kinds.ts';

/** `enum nlmsgerr_attrs` of linux/netlink.h: the extended acknowledgement. */
export const acknowledgementSchema: Schema = {
  1: ['msg', text],
  2: ['offs', u32],
  3: ['cookie'],
  4: ['policy', nested({})],
  5: ['miss_type', u32],
  6: ['miss_nest', u32],
};
