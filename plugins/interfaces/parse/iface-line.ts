import { isFamily, isMethod } from './methods.ts';
import { cutWord } from './text.ts';

/** What stands behind `iface`. */
export interface IfaceLine {
  name: string;
  family?: string;
  method?: string;
  inherits?: string;
  /** A word that is passed over. */
  extra?: string;
}

/**
 * `NAME FAMILY METHOD`, `NAME FAMILY METHOD inherits OTHER`, `NAME FAMILY inherits OTHER` or `NAME inherits OTHER`.
 * A text instead says what is wrong, in ifupdown's words; what stands behind OTHER is not looked at.
 */
export function readIfaceLine(text: string): IfaceLine | string {
  const name = cutWord(text);
  if (name === undefined) return 'too few parameters for iface line';
  const line: IfaceLine = { name: name.word };
  let cut = cutWord(name.rest);
  if (cut !== undefined && isFamily(cut.word)) {
    line.family = cut.word;
    cut = cutWord(cut.rest);
    if (cut !== undefined && isMethod(line.family, cut.word)) {
      line.method = cut.word;
      cut = cutWord(cut.rest);
      if (cut === undefined) return line;
      if (cut.word !== inherits) return { ...line, extra: cut.word };
    }
  }
  if (cut?.word !== inherits) {
    const missing = line.family === undefined ? 'address type' : 'method';
    return `unknown or no ${missing} and no inherits keyword specified`;
  }
  const other = cutWord(cut.rest);
  if (other === undefined) return `'${inherits}' keyword is missing a parameter`;
  return { ...line, inherits: other.word };
}

const inherits = 'inherits';
