/**
 * Tests that mostly wait for leases to run out, all at once: they begin together, and each is told of by itself.
 */
export function inParallel(scenarios: Readonly<Record<string, () => Promise<void>>>): void {
  const running = new Map<string, Promise<void>>();
  before(() => {
    for (const [title, scenario] of Object.entries(scenarios)) {
      const done = scenario();
      done.catch(() => undefined);
      running.set(title, done);
    }
  });
  for (const title of Object.keys(scenarios))
    it(title, async function () {
      this.timeout(60_000);
      await running.get(title);
    });
  after(async () => {
    await Promise.allSettled(running.values());
  });
}
