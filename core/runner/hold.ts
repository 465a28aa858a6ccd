/** Hold back scripts for an event: they run `ms` later (at most 60,000); link states meanwhile coalesce. */
export interface Hold {
  reason: string;
  ms: number;
}
