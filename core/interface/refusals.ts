/** So many refusals of one user are told at once, and then one in so many milliseconds. */
const burst = 10;
const everyMs = 1000;
const mostUsers = 1000;

/** Bounds how many refused requests of one user become events: whoever may not do a thing must not flood who may. */
export class Refusals {
  readonly #users = new Map<number, { left: number; at: number }>();

  admits(uid: number): boolean {
    const now = performance.now();
    const user = this.#users.get(uid) ?? { left: burst, at: now };
    user.left = Math.min(burst, user.left + (now - user.at) / everyMs);
    user.at = now;
    if (this.#users.size >= mostUsers) this.#users.clear();
    this.#users.set(uid, user);
    if (user.left < 1) return false;
    user.left--;
    return true;
  }
}
