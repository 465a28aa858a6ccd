/** A line of a file. */
export interface Place {
  file: string;
  line: number;
}

export function placeText({ file, line }: Place): string {
  return `${file}:${line}`;
}
