import { messageOf } from '../../base/errors.ts';
import { invalidParameter, type VarlinkError } from './error.ts';

/** A call as it came over the wire, its shape checked: varlink.org/Method-Call. */
export interface CallMessage {
  /** `INTERFACE.METHOD` */
  method: string;
  parameters: Record<string, unknown>;
  more: boolean;
  oneway: boolean;
}

export interface ReplyMessage {
  parameters: Record<string, unknown>;
  continues: boolean;
  error?: string;
}

/** Objects and lists inside each other. The parser itself survives more; what works on the data afterwards does not. */
export const deepest = 64;

/** A reply wraps what a call once brought into some levels more. */
const deepestReply = 1000;

/** Reads a call. Throws {@link VarlinkError} `InvalidParameter`, which names the member that is wrong. */
export function parseCall(text: string): CallMessage {
  const message = parseObject(text, deepest);
  const { method, parameters } = message;
  if (typeof method !== 'string') throw invalidParameter('method', 'a call names its method: a string');
  if (flag(message, 'upgrade')) throw invalidParameter('upgrade', 'connections cannot be upgraded here');
  if (parameters !== undefined && parameters !== null && !isObject(parameters)) {
    throw invalidParameter('parameters', 'the parameters of a call are an object');
  }
  return {
    method,
    parameters: isObject(parameters) ? parameters : {},
    more: flag(message, 'more'),
    oneway: flag(message, 'oneway'),
  };
}

/** Reads a reply. Throws {@link VarlinkError} as `parseCall` does. */
export function parseReply(text: string): ReplyMessage {
  const message = parseObject(text, deepestReply);
  const { error, parameters } = message;
  if (error !== undefined && error !== null && typeof error !== 'string') throw invalidParameter('error');
  if (parameters !== undefined && parameters !== null && !isObject(parameters)) {
    throw invalidParameter('parameters', 'the parameters of a reply are an object');
  }
  return {
    parameters: isObject(parameters) ? parameters : {},
    continues: flag(message, 'continues'),
    ...(typeof error === 'string' && { error }),
  };
}

export function encodeCall(method: string, parameters: object, flags: { more?: boolean; oneway?: boolean }) {
  return `${JSON.stringify({ method, parameters, ...flags })}\0`;
}

/** @param json the parameters, already serialised */
export function encodeReply(json: string, continues: boolean): string {
  return continues ? `{"parameters":${json},"continues":true}\0` : `{"parameters":${json}}\0`;
}

export function encodeError({ error, parameters }: VarlinkError): string {
  return `${JSON.stringify({ error, parameters })}\0`;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseObject(text: string, levels: number): Record<string, unknown> {
  // Before parsing, which takes half a second for a mebibyte of brackets.
  if (deeperThan(text, levels)) throw invalidParameter('message', `nested deeper than ${levels} levels`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalidParameter('message', `not JSON: ${messageOf(error).slice(0, 200)}`);
  }
  if (!isObject(value)) throw invalidParameter('message', 'a message is a JSON object');
  return value;
}

function flag(message: Record<string, unknown>, name: string): boolean {
  const value = message[name];
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') throw invalidParameter(name, 'true or false');
  return value;
}

const quote = 0x22;
const backslash = 0x5c;

/** Counts brackets outside strings; of text that is not JSON the answer does not matter. */
function deeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === backslash) at++;
      else if (code === quote) inString = false;
    } else if (code === quote) inString = true;
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > limit) return true;
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return false;
}
