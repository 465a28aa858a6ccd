/** What is wrong with a rule or network, and where it stands. */
export interface Problem {
  /** FILE:LINE:COLUMN, or the plugin that said it. */
  place: string;
  message: string;
}
