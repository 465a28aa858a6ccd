/**
 * Which names run-parts accepts, and in which order (debianutils 5.7, run-parts.c). Pure: what lies behind a name is
 * for others to look at. Names may be byte strings (latin1), as a directory's names need not be UTF-8.
 */
export type NameRule = (name: string) => boolean;

/** Without an option: letters, digits, `_` and `-`. So no `.`, no `~`, no backup of an editor or of dpkg. */
export const usualNames: NameRule = name => /^[a-zA-Z0-9_-]+$/.test(name);

/**
 * `--lsbsysinit`: LANANA-assigned names, LSB hierarchical and reserved names, and nothing that dpkg leaves behind.
 * (The manual also lists Debian's cron names with capitals and underscores; the code does not let them through.)
 */
export const lsbNames: NameRule = name =>
  /^_?([a-z0-9_.]+-)+[a-z0-9]+$/.test(name)
    ? !/^[a-z0-9-].*\.dpkg-(old|dist|new|tmp)$/s.test(name)
    : /^[a-z0-9][a-z0-9-]*$/.test(name);

/** The accepted ones in run-parts' order: by byte, as strcoll(3) in the C locale, or the other way round. */
export function selectNames(names: Iterable<string>, rule: NameRule = usualNames, reverse = false): string[] {
  const accepted = [...names].filter(rule).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return reverse ? accepted.reverse() : accepted;
}
