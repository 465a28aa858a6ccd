import { messageOf } from './errors.ts';

/** Does one thing after the other, whether or not those before it failed; throws an Error with all failures in the end. */
export async function doAll(...things: (() => unknown)[]): Promise<void> {
  const failures: string[] = [];
  for (const thing of things) {
    try {
      await thing();
    } catch (error) {
      failures.push(messageOf(error));
    }
  }
  if (failures.length > 0) throw new Error(failures.join('; '));
}
