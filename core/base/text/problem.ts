/** Both from 1; columns count characters, a tab as one. */
export interface Position {
  line: number;
  column: number;
}

/** What is wrong with a file. An error keeps it from coming into force. */
export interface Problem extends Position {
  severity: 'error' | 'warning';
  /** What, and what was expected. */
  message: string;
  /** What was meant, perhaps. */
  hint?: string;
}

/** `FILE:LINE:COLUMN: sentence (hint)`; line 0 is the file as a whole. */
export function sentenceOf(file: string, { line, column, message, hint }: Problem): string {
  return `${placeOf(file, { line, column })}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}

/** `FILE:LINE:COLUMN`, or the file alone where the whole of it is meant. */
export function placeOf(file: string, { line, column }: Position): string {
  return line === 0 ? file : `${file}:${line}:${column}`;
}

export function errorAt({ line, column }: Position, message: string, hint?: string): Problem {
  return { severity: 'error', line, column, message, ...(hint !== undefined && { hint }) };
}

export function warningAt(position: Position, message: string, hint?: string): Problem {
  return { ...errorAt(position, message, hint), severity: 'warning' };
}

/** Is told of each problem as it is found. */
export type Report = (problem: Problem) => void;
