/** Milliseconds that a start, an end or an awaited fact may take: for a machine that is very busy. */
export const patience = 15_000;

/**
 * Looks again and again until `look` returns something true, and resolves with that; rejects when it never does, or at
 * once when it throws.
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  ms = patience,
): Promise<Exclude<T, undefined | null | false>> {
  const end = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (found) return found as Exclude<T, undefined | null | false>;
    if (Date.now() > end) throw new Error(`waited ${ms / 1000} s in vain: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}
