import { mostData } from '../bus/event.ts';

/** A copy of an event's data as JSON has it: nothing in it changes, throws or goes in circles later. */
export function plain(name: string, data: object | undefined): object {
  if (data === undefined) return {};
  const text = JSON.stringify(data);
  if (typeof data !== 'object' || !text.startsWith('{'))
    throw new TypeError(`${name}: data must be an object`);
  if (text.length > mostData)
    throw new RangeError(`${name}: data must have at most ${mostData} characters of JSON`);
  return JSON.parse(text) as object;
}
