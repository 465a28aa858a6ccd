import type { OptionValues } from './options-of.ts';

/** What an option may be: reads a text, undefined for what it may not be; and says what was expected. */
export interface Check {
  expected: string;
  read(text: string): string | undefined;
}

/** The option as its check has it; undefined where it is not set, or empty. Throws an Error with place and expectation. */
export function checkedOption(options: OptionValues, name: string, check: Check): string | undefined {
  const option = options.get(name);
  const text = option?.value.trim() ?? '';
  if (option === undefined || text === '') return undefined;
  const value = check.read(text);
  if (value !== undefined) return value;
  throw new Error(`${option.place}: ${name} '${text.slice(0, 80)}': expected ${check.expected}`);
}

/** Blanks and line ends part them. */
export function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter(word => word !== '');
}

export function wholeNumber(least: number, most: number, unit = ''): Check {
  const unitText = unit && ` ${unit}`;
  return {
    expected: `a whole number from ${least} to ${most}${unitText}`,
    read: text =>
      /^\d{1,10}$/.test(text) && Number(text) >= least && Number(text) <= most
        ? String(Number(text))
        : undefined,
  };
}

/** One of these words, or its place among them, as the kernel numbers them. */
export function oneOf(...words: readonly string[]): Check {
  return {
    expected: `one of ${words.join(', ')}`,
    read: text =>
      words.find(word => word === text.toLowerCase()) ??
      (/^\d$/.test(text) ? words[Number(text)] : undefined),
  };
}

/** Seconds, perhaps with a fraction, as hundredths of a second. */
export function hundredths(least: number, most: number): Check {
  return {
    expected: `seconds from ${least} to ${most}`,
    read: text => {
      if (!/^\d{1,7}(\.\d{1,6})?$/.test(text)) return undefined;
      const seconds = Number(text);
      return seconds >= least && seconds <= most ? String(Math.round(seconds * 100)) : undefined;
    },
  };
}

export const hardwareAddress: Check = {
  expected: 'a hardware address, such as 02:00:00:00:00:01',
  read: text => (/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text) ? text.toLowerCase() : undefined),
};
