import { type Attribute, find, type Value } from '../wire/attributes.ts';
import type { Message } from '../wire/message.ts';
import { hex } from './addresses.ts';

/** Typed access to the attributes of a message; what has another kind than asked for counts as absent. */
export function numberOf(attributes: readonly Attribute[], name: string): number | undefined {
  const value = find(attributes, name);
  return typeof value === 'number' ? value : undefined;
}

export function textOf(attributes: readonly Attribute[], name: string): string | undefined {
  return asText(find(attributes, name));
}

/** A name may be any bytes for the kernel: what is no UTF-8 is shown by U+FFFD. */
export function asText(value: Value | undefined): string | undefined {
  if (!(value instanceof Uint8Array)) return typeof value === 'string' ? value : undefined;
  const end = value.indexOf(0);
  return Buffer.from(value.subarray(0, end < 0 ? undefined : end)).toString() || undefined;
}

export function bytesOf(attributes: readonly Attribute[], name: string): Uint8Array | undefined {
  const value = find(attributes, name);
  return value instanceof Uint8Array ? value : undefined;
}

export function nestedOf(attributes: readonly Attribute[], name: string): Attribute[] | undefined {
  const value = find(attributes, name);
  return Array.isArray(value) ? (value as Attribute[]) : undefined;
}

export function headerOf(message: Message, name: string): number {
  return message.header[name] ?? 0;
}

/** Attributes that the schema does not know, for `unknown` of an object: type to bytes in hexadecimal. */
export function unknownOf(attributes: readonly Attribute[]): { unknown?: Record<string, string> } {
  const unknown = attributes.filter(({ name, value }) => name === undefined && value instanceof Uint8Array);
  if (unknown.length === 0) return {};
  return { unknown: Object.fromEntries(unknown.map(({ type, value }) => [type, hex(value as Uint8Array)])) };
}

/** An object without the fields that are undefined: a copy, because V8 makes an object slow from which one is deleted. */
export function present<T extends object>(fields: { [Key in keyof T]: T[Key] | undefined }): T {
  const some: Partial<T> = {};
  for (const key of Object.keys(fields) as (keyof T)[]) {
    const value = fields[key];
    if (value !== undefined) some[key] = value;
  }
  return some as T;
}

/** The names of the bits that are set, in the order of the table. */
export function flagNames(value: number, table: readonly (readonly [bit: number, name: string])[]): string[] {
  return table.filter(([bit]) => (value & bit) !== 0).map(([, name]) => name);
}
