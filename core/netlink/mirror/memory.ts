/**
 * Bytes as they came from the kernel, with views in the byte order of the machine. Messages and attributes begin at
 * multiples of four, so that a number is one look into a view.
 */
export interface Memory {
  readonly bytes: Buffer;
  readonly words: Uint32Array;
  readonly halves: Uint16Array;
}

export function memory(size: number): Memory {
  const buffer = new ArrayBuffer((size + 3) & ~3);
  return { bytes: Buffer.from(buffer), words: new Uint32Array(buffer), halves: new Uint16Array(buffer) };
}

/**
 * What follows the `struct nlmsghdr`, one character a byte: the form in which the mirror keeps an object. A string
 * takes little memory, is compared at once, and is decoded only when somebody looks.
 */
export type Payload = string;

export function payloadOf({ bytes }: Memory, start: number, end: number): Payload {
  return bytes.latin1Slice(start, end);
}

export function bytesOfPayload(payload: Payload): Uint8Array {
  return Buffer.from(payload, 'latin1');
}

let scratch = memory(4096);

/** The payload in memory that is good until the next call. */
export function load(payload: Payload): Memory {
  if (payload.length > scratch.bytes.length) scratch = memory(payload.length * 2);
  scratch.bytes.write(payload, 0, 'latin1');
  return scratch;
}

declare global {
  interface Buffer {
    /** What `toString('latin1', start, end)` comes to, without its looks at the arguments. */
    latin1Slice(start: number, end: number): string;
  }
}
