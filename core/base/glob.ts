/**
 * A name pattern: `*` stands for any run of characters, `?` for one; everything else for itself. The pattern covers
 * the whole text. Time is at most pattern times text, whatever the pattern (no backtracking over earlier stars).
 */
export function globMatches(pattern: string, text: string): boolean {
  let at = 0;
  let read = 0;
  let star = -1;
  let resume = 0;
  while (read < text.length) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at++;
      resume = read;
    } else if (wanted !== undefined && (wanted === '?' || wanted === text[read])) {
      at++;
      read++;
    } else if (star >= 0) {
      at = star + 1;
      read = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

/** Compiles a list of names and patterns into one test; an absent or empty list lets everything through. */
export function anyGlob(patterns: readonly string[] | undefined): (text: string | undefined) => boolean {
  if (patterns === undefined || patterns.length === 0) return () => true;
  const names = new Set(patterns.filter(pattern => !/[*?]/.test(pattern)));
  const globs = patterns.filter(pattern => /[*?]/.test(pattern));
  return text => text !== undefined && (names.has(text) || globs.some(pattern => globMatches(pattern, text)));
}
