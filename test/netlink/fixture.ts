import { readFileSync } from 'node:fs';

const folder = new URL('../fixtures/netlink/', import.meta.url);

/** Captured answers of the kernel, each with the commands that made them. Little-endian machines. */
export const captured = [
  'links',
  'links-uml-6.1',
  'addresses',
  'routes',
  'routes-ipv6',
  'rules',
  'rules-ipv6',
  'neighbours',
] as const;

export function messagesOf(name: (typeof captured)[number]): Uint8Array[] {
  const { messages } = fixture<{ messages: string[] }>(name);
  return messages.map(hex => Buffer.from(hex, 'hex'));
}

export function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as T;
}
