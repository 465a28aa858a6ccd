/** One measured line of a benchmark. */
export interface Row {
  case: string;
  who: string;
  value: number;
  unit: string;
  /** To the floor or peer that its case names. */
  ratio?: number;
  /** What is to be reached, from the performance goals. */
  reach?: string;
}
