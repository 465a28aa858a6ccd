import { endianness } from 'node:os';
import koffi from './koffi.ts';

/**
 * A null-terminated array of pointers to these texts, good until the next call. koffi would make it of an array of
 * strings, too, one text after the other; all at once takes a third of the time, and nothing for the same array again.
 */
export function pointersTo(list: readonly string[]): Uint32Array {
  if (list === written) return pointers;
  written = undefined;
  const text = `${list.join('\0')}\0`;
  // A character takes at most three bytes in UTF-8.
  if (texts.length < text.length * 3) texts = Buffer.allocUnsafeSlow(text.length * 6);
  const isPlain = texts.write(text) === text.length;
  const words = koffi.sizeof('void *') / 4;
  if (pointers.length < (list.length + 1) * words) pointers = new Uint32Array((list.length + 1) * words * 2);
  let at = Number(koffi.address(texts));
  let word = 0;
  for (const one of list) {
    word = putPointer(word, at, words);
    at += (isPlain ? one.length : Buffer.byteLength(one)) + 1;
  }
  putPointer(word, 0, words);
  written = list;
  return pointers;
}

let texts = Buffer.allocUnsafeSlow(16_384);
let pointers = new Uint32Array(1024);
let written: readonly string[] | undefined;

/** Addresses have at most 52 bits, which a number holds. */
function putPointer(word: number, address: number, words: number): number {
  const low = address % 0x1_0000_0000;
  const high = (address - low) / 0x1_0000_0000;
  if (words === 1) pointers[word] = low;
  else if (endianness() === 'LE') {
    pointers[word] = low;
    pointers[word + 1] = high;
  } else {
    pointers[word] = high;
    pointers[word + 1] = low;
  }
  return word + words;
}
