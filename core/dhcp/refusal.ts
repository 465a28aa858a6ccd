/** A value that is not what it should be. The message never repeats the value: it comes from whoever answers first. */
export class Refusal extends Error {}

export function refuse(reason: string): never {
  throw new Refusal(reason);
}
