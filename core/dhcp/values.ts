import { refuse } from './refusal.ts';

const label = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;
const zone = `(?:[A-Za-z]{3,16}|<[A-Za-z0-9+-]{3,16}>)`;
const offset = String.raw`[+-]?\d{1,3}(?::\d\d){0,2}`;
const rule = String.raw`(?:J\d{1,3}|\d{1,3}|M\d{1,2}\.\d\.\d)(?:\/${offset})?`;
const posixZone = new RegExp(`^${zone}${offset}(?:${zone}(?:${offset})?(?:,${rule},${rule})?)?$`);
/** Seconds: 0xffffffff is for ever (RFC 2131, RFC 8415). */
const forever = 0xffff_ffff;

export function integer(lowest: number, highest: number): (text: string) => number {
  return text => {
    const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    return number >= lowest && number <= highest ? number : refuse(`no number from ${lowest} to ${highest}`);
  };
}

/** Undefined: for ever. */
export function seconds(text: string): number | undefined {
  const number = integer(0, forever)(text);
  return number === forever ? undefined : number;
}

/** A name of the DNS (RFC 1123, and `_`), without its final dot. */
export function domain(text: string): string {
  const name = text.replace(/\.$/, '');
  const good = name.length > 0 && name.length <= 253 && name.split('.').every(part => label.test(part));
  return good ? name : refuse('no name of the DNS');
}

export function domains(text: string): string[] {
  const names = text.split(/[ ,]+/).filter(word => word !== '');
  if (names.length === 0) refuse('it is empty');
  if (names.length > 64) refuse('more than 64 names');
  return names.map(domain);
}

/** Of the characters of a URL those that mean nothing to a shell, and `?`. Servers like to add a NUL or a line's end. */
export function url(text: string): string {
  const found = text.replace(/(?:\\000|\\012|\\015|[\r\n])+$/, '');
  return found.length <= 255 &&
    /^https?:\/\/[A-Za-z0-9._-]+(?::\d{1,5})?(?:\/[A-Za-z0-9._:/?=%@+,-]*)?$/.test(found)
    ? found
    : refuse('no URL of http or https, or one with unusual characters');
}

/** TZ of POSIX (RFC 4833, option 100). */
export function posixTimezone(text: string): string {
  return text.length <= 128 && posixZone.test(text) ? text : refuse('no time zone as POSIX writes it');
}

/** A name of the time zone database (option 101). */
export function timezoneName(text: string): string {
  return text.length <= 64 && /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z][A-Za-z0-9_+-]*){0,2}$/.test(text)
    ? text
    : refuse('no name of a time zone');
}

/** A DHCP unique identifier (RFC 8415, section 11): pairs of hexadecimal digits with colons between. */
export function duid(text: string): string {
  const pairs = text.includes(':') ? text.split(':') : (text.match(/../gs) ?? []);
  const good =
    pairs.length >= 3 && pairs.length <= 130 && pairs.every(pair => /^[0-9a-fA-F]{1,2}$/.test(pair));
  return good ? pairs.map(pair => pair.padStart(2, '0').toLowerCase()).join(':') : refuse('no DUID');
}

/** Text that no shell, terminal or file format takes for more than text. */
export function harmless(text: string): string {
  return /^[A-Za-z0-9 ._:,/@%+=-]{0,255}$/.test(text)
    ? text
    : refuse('it has unusual characters, or too many');
}
