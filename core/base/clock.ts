let held: number | undefined;

/** Milliseconds since the epoch; of what is done {@link atOnce}, when that began: the clock costs more than an event. */
export function now(): number {
  return held ?? Date.now();
}

/** Does synchronous work of a few milliseconds at one moment. */
export function atOnce(work: () => void): void {
  held = Date.now();
  try {
    work();
  } finally {
    held = undefined;
  }
}
