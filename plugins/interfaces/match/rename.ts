/** `CUR=NEW` of a line `rename`. */
export interface Rename {
  from: string;
  to: string;
}

/** Undefined where no new name stands there. */
export function readRename(text: string): Rename | undefined {
  const at = text.indexOf('=');
  return at < 0 ? undefined : { from: text.slice(0, at), to: text.slice(at + 1) };
}

/** An interface that is asked for by its old name has the new one. */
export function afterRenames(target: string, renames: readonly Rename[]): string {
  const [name = '', ...logical] = target.split('=');
  const now = renames.reduce((current, { from, to }) => (current === from ? to : current), name);
  return [now, ...logical].join('=');
}
