/** Which program it is. */
export type Command = 'ifup' | 'ifdown' | 'ifquery';
