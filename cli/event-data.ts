import { UsageError } from './failure.ts';

/**
 * `KEY=VALUE` (text) and `KEY:=JSON` (a typed value) as the data of an event. Of a key that comes twice the last
 * counts. Throws `UsageError`.
 */
export function readData(pairs: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(pairs.map(readPair));
}

function readPair(pair: string): [string, unknown] {
  const at = pair.indexOf('=');
  const typed = at > 0 && pair.charAt(at - 1) === ':';
  const key = pair.slice(0, typed ? at - 1 : at);
  if (at < 0 || key === '') throw new UsageError(`not KEY=VALUE or KEY:=JSON: ${pair}`);
  const value = pair.slice(at + 1);
  if (!typed) return [key, value];
  try {
    return [key, JSON.parse(value) as unknown];
  } catch (error) {
    throw new UsageError(`${key}:= wants JSON: ${(error as Error).message}`);
  }
}
