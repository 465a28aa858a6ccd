import type { Schema } from '../attributes.ts';
import { s32, text, u8, u32 } from '../kinds.ts';

/** IFA_… of linux/if_addr.h. */
export const addressSchema: Schema = {
  1: ['address'],
  2: ['local'],
  3: ['label', text],
  4: ['broadcast'],
  5: ['anycast'],
  /** `struct ifa_cacheinfo`: preferred, valid (seconds), created, updated (hundredths since boot). */
  6: ['cacheinfo'],
  7: ['multicast'],
  8: ['flags', u32],
  9: ['rt_priority', u32],
  10: ['target_netnsid', s32],
  11: ['proto', u8],
};
