import { type Place, placeText, type Source, spot } from './source.ts';

/** What is wrong with the network file. An error keeps all of it from coming into force. */
export interface Problem {
  severity: 'error' | 'warning';
  /** What, and what was expected. */
  message: string;
  /** What was meant, perhaps. */
  hint?: string;
  /** Absent where a whole file is meant that could not be read: `file` then names it. */
  place?: Place;
  file?: string;
}

/** More are counted only: who sees a hundred mistakes has another kind of problem. */
const mostErrors = 100;
const mostWarnings = 100;

/** Gathers what is wrong, up to a bound. */
export class Problems {
  readonly list: Problem[] = [];
  readonly #told = new Set<string>();
  #errors = 0;
  #warnings = 0;

  error(place: Place, message: string, hint?: string): void {
    this.#add({ severity: 'error', place: spot(place), message, ...(hint !== undefined && { hint }) });
  }

  warn(place: Place, message: string, hint?: string): void {
    this.#add({ severity: 'warning', place: spot(place), message, ...(hint !== undefined && { hint }) });
  }

  /** About a file as a whole. */
  errorOf(file: string, message: string, hint?: string): void {
    this.#add({ severity: 'error', file, message, ...(hint !== undefined && { hint }) });
  }

  /** So many so far, those beyond the bound too. */
  get errors(): number {
    return this.#errors;
  }

  get hasErrors(): boolean {
    return this.#errors > 0;
  }

  /** Too many to go on looking. */
  get isFull(): boolean {
    return this.#errors >= mostErrors;
  }

  /** In the order in which files were read, and of places in them. */
  sorted(sources: readonly Source[]): Problem[] {
    const rank = new Map(sources.map((source, at) => [source, at]));
    const of = ({ place }: Problem) => (place === undefined ? -1 : (rank.get(place.source) ?? 0));
    const list = this.list.toSorted((a, b) => of(a) - of(b) || (a.place?.start ?? 0) - (b.place?.start ?? 0));
    const more = this.#errors - mostErrors;
    if (more > 0) list.push({ severity: 'error', message: `and ${more} more`, file: sources[0]?.path ?? '' });
    return list;
  }

  #add(problem: Problem): void {
    // What a network says is looked at for each of its interfaces.
    const { place, message } = problem;
    const key = `${place?.source.path} ${place?.start} ${message}`;
    if (this.#told.has(key)) return;
    if (this.#told.size < mostErrors + mostWarnings) this.#told.add(key);
    const isError = problem.severity === 'error';
    const count = isError ? ++this.#errors : ++this.#warnings;
    if (count <= (isError ? mostErrors : mostWarnings)) this.list.push(problem);
  }
}

/** `FILE:LINE:COLUMN`, or the file. */
export function placeOf({ place, file = '' }: Problem): string {
  return place === undefined ? file : placeText(place);
}

/** `FILE:LINE:COLUMN: sentence (hint)` on one line: for a log. */
export function sentenceOf(problem: Problem): string {
  const { message, hint } = problem;
  return `${placeOf(problem)}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}

/** Columns of a line that are shown; of a longer one, those around the mistake. */
const widest = 100;

/** The line and, below it, a caret under each column that is meant; nothing where a file as a whole is. */
export function excerptOf({ place }: Problem): string[] {
  if (place === undefined) return [];
  const { source, start, end } = place;
  const { line, column } = source.positionOf(start);
  // A tab is as wide as its caret, and what no terminal should get is not shown.
  const text = source.lineOf(line).replace(/[^\P{C}\u00ad]/gu, ' ');
  const from = column - 1 > widest / 2 && text.length > widest ? column - 1 - widest / 2 : 0;
  const shown = text.slice(from, from + widest);
  const carets = Math.max(1, Math.min(end - start, shown.length - (column - 1 - from)));
  const before = from > 0 ? '…' : '';
  const after = from + widest < text.length ? '…' : '';
  return [
    `${before}${shown}${after}`.trimEnd(),
    `${' '.repeat(before.length + column - 1 - from)}${'^'.repeat(carets)}`,
  ];
}
