/** One file's text, in which places are counted. */
export class Source {
  readonly path: string;
  readonly text: string;
  #lines: number[] | undefined;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
  }

  /** Line and column, from 1, of an offset; columns in UTF-16 units. */
  positionOf(offset: number): { line: number; column: number } {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low]! + 1 };
  }

  /** The text of a line, from 1, without its end. */
  lineOf(line: number): string {
    const starts = this.#starts();
    const end = starts[line] ?? this.text.length + 1;
    return this.text.slice(starts[line - 1], end - 1).replace(/\r$/, '');
  }

  /** Offsets of the lines' beginnings; found when the first place is asked for. */
  #starts(): number[] {
    if (this.#lines !== undefined) return this.#lines;
    const starts = [0];
    for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1)) starts.push(at + 1);
    this.#lines = starts;
    return starts;
  }
}

/** A piece of a source. */
export interface Place {
  source: Source;
  start: number;
  end: number;
}

/** `FILE:LINE:COLUMN`. */
export function placeText({ source, start }: Place): string {
  const { line, column } = source.positionOf(start);
  return `${source.path}:${line}:${column}`;
}

/** The place alone of what has one: without all else that hangs on it. */
export function spot({ source, start, end }: Place): Place {
  return { source, start, end };
}
