/** Words and blanks as ifupdown has them: isspace(3) in the C locale, and words that are cut at 79 characters. */
const longestWord = 79;

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** Without the blanks before it. */
export function trimStart(text: string): string {
  let start = 0;
  while (start < text.length && isBlank(text.charCodeAt(start))) start++;
  return text.slice(start);
}

/** Without the blanks behind it. A loop: a regular expression would take the square of a long run's length. */
export function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(0, end);
}

/** The first word, and what comes after the blanks behind it; undefined where nothing is left. */
export function cutWord(text: string): { word: string; rest: string } | undefined {
  if (text.length === 0) return undefined;
  let end = 0;
  while (end < text.length && !isBlank(text.charCodeAt(end))) end++;
  let next = end;
  while (next < text.length && isBlank(text.charCodeAt(next))) next++;
  return { word: text.slice(0, Math.min(end, longestWord)), rest: text.slice(next) };
}

export function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (let cut = cutWord(text); cut !== undefined; cut = cutWord(cut.rest)) words.push(cut.word);
  return words;
}
