/** One place of a compiled pattern: a run of any characters, or a test of one. */
export type Item = '*' | ((character: string) => boolean);

/** Does the pattern cover the whole text? No backtracking over earlier stars: time is at most pattern times text. */
export function itemsMatch(items: readonly Item[], text: string): boolean {
  let at = 0;
  let read = 0;
  let star = -1;
  let resume = 0;
  while (read < text.length) {
    const item = items[at];
    if (item === '*') {
      star = at++;
      resume = read;
    } else if (item?.(text.charAt(read))) {
      at++;
      read++;
    } else if (star >= 0) {
      at = star + 1;
      read = ++resume;
    } else {
      return false;
    }
  }
  while (items[at] === '*') at++;
  return at === items.length;
}

/** A name pattern: `*` stands for any run of characters, `?` for one; everything else for itself. */
export function globMatches(pattern: string, text: string): boolean {
  return itemsMatch(itemsOf(pattern), text);
}

function itemsOf(pattern: string): Item[] {
  return pattern.split('').map(wanted => {
    if (wanted === '*') return '*';
    return wanted === '?' ? () => true : character => character === wanted;
  });
}

/** Compiles a list of names and patterns into one test; an absent or empty list lets everything through. */
export function anyGlob(patterns: readonly string[] | undefined): (text: string | undefined) => boolean {
  if (patterns === undefined || patterns.length === 0) return () => true;
  const names = new Set(patterns.filter(pattern => !/[*?]/.test(pattern)));
  const globs = patterns.filter(pattern => /[*?]/.test(pattern)).map(itemsOf);
  return text => text !== undefined && (names.has(text) || globs.some(items => itemsMatch(items, text)));
}
