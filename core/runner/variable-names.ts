/** Variables of one script, and levels of its data: what lies deeper is left out. */
export const mostVariables = 4096;
export const deepest = 16;

/** A variable's name; `good` where a shell takes it. */
export interface Name {
  name: string;
  good: boolean;
  /** Names below it, as far as they are remembered: the same few come again and again. */
  below?: Map<string, Name>;
}

/** Is called with each variable. */
type Found = (name: Name, value: string) => void;

export const root: Name = { name: 'NETCONF', good: true };
/** For names that have yet to get their beginning. */
export const tail: Name = { name: '', good: true };
let remembered = 0;
const mostRemembered = 4096;

/** Calls `found` for each scalar below `value`. No name from here begins with `LD_`. */
export function flatten(value: unknown, name: Name, depth: number, found: Found): void {
  if (isScalar(value)) found(name, String(value));
  else if (value === null || typeof value !== 'object' || depth === 0) return;
  else if (!Array.isArray(value)) {
    for (const key of Object.keys(value)) {
      flatten((value as Record<string, unknown>)[key], nameBelow(name, key), depth - 1, found);
    }
  } else if (value.every(isScalar)) {
    found(name, value.join(' '));
  } else {
    for (const [index, item] of value.entries())
      flatten(item, nameBelow(name, String(index)), depth - 1, found);
  }
}

function isScalar(value: unknown): boolean {
  const type = typeof value;
  return type === 'string' || type === 'number' || type === 'boolean' || type === 'bigint';
}

export function nameBelow(parent: Name, key: string): Name {
  const known = parent.below?.get(key);
  if (known !== undefined) return known;
  const suffix = `_${key.toUpperCase().replace(/[-.]/g, '_')}`;
  const made: Name = { name: parent.name + suffix, good: parent.good && isName(suffix) };
  if (remembered < mostRemembered && key.length < 64) {
    remembered++;
    parent.below ??= new Map();
    parent.below.set(key, made);
  }
  return made;
}

export function isName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}

/** Why a script cannot get a variable, if it cannot. */
export function faultOf(good: boolean, value: string): string | undefined {
  if (!good) return 'no script may get a variable of this name';
  return value.includes('\0') ? 'its value holds a NUL' : undefined;
}
