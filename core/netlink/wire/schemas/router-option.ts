import type { Schema } from '../attributes.ts';

/** NDUSEROPT_… of linux/rtnetlink.h. */
export const routerOptionSchema: Schema = {
  /** The router that sent the advertisement. */
  1: ['srcaddr'],
};
