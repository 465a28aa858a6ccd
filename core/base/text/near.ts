/** Words longer than this are no slips of the pen. */
const longest = 40;

/** `did you mean X?` for a word that is nearly one of those that would do; undefined where none is near. */
export function didYouMean(word: string, known: Iterable<string>): string | undefined {
  const near = nearest(word, known);
  return near === undefined ? undefined : `did you mean ${near}?`;
}

/** The known word that differs in case alone, or in the fewest letters: at most two, and less than half of them. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  if (word.length > longest) return undefined;
  const lower = word.toLowerCase();
  let best: string | undefined;
  let least = Math.min(3, Math.ceil(word.length / 2));
  for (const one of known) {
    const far = one === word ? 0 : distance(lower, one.toLowerCase());
    if (far >= least) continue;
    best = one;
    least = far;
  }
  return best;
}

/** Letters to insert, leave out, change or swap (optimal string alignment). */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const cost = Math.min(row[j - 1]! + 1, above[j]! + 1, above[j - 1]! + (same ? 0 : 1));
      row.push(swapped ? Math.min(cost, before[j - 2]! + 1) : cost);
    }
    before = above;
    above = row;
  }
  return above[b.length]!;
}
