/** Tests by their titles: most of the time they wait for timers of others, so they can all wait at once. */
export type Scenarios = Readonly<Record<string, () => Promise<void>>>;

const running = new Map<string, Promise<void>>();

/** Begins with all of them, so many milliseconds apart: each needs the processor most when it starts. */
export async function begin(groups: readonly Scenarios[], apartMs: number): Promise<void> {
  for (const scenarios of groups)
    for (const [title, scenario] of Object.entries(scenarios)) {
      const done = scenario();
      done.catch(() => undefined);
      running.set(title, done);
      await new Promise(resolve => setTimeout(resolve, apartMs));
    }
}

/** Tells of each by itself. */
export function tell(scenarios: Scenarios): void {
  for (const title of Object.keys(scenarios))
    it(title, async function () {
      this.timeout(90_000);
      await running.get(title);
    });
}

/** Nothing is at work any more. */
export async function allOver(): Promise<void> {
  await Promise.allSettled(running.values());
}
