/** How many connections there may be. */
export interface AdmissionLimits {
  all: number;
  /** Of one user; root and the daemon's own user have `trusted`. */
  perUser: number;
  trusted: number;
  /** Of all, those that only root and the daemon's own user get: others cannot lock the administrator out. */
  reserved: number;
}

const admissionLimits: AdmissionLimits = { all: 1024, perUser: 64, trusted: 256, reserved: 64 };

/** Counts connections per user and says who may have one more. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #self: number;
  readonly #users = new Map<number, number>();
  #all = 0;

  constructor(limits: Partial<AdmissionLimits> = {}, self = process.geteuid?.() ?? 0) {
    this.#limits = { ...admissionLimits, ...limits };
    this.#self = self;
  }

  /** Connections now. */
  get size(): number {
    return this.#all;
  }

  /** Counts one in and returns how to count it out; or says why not. */
  enter(uid: number): (() => void) | string {
    const { all, perUser, trusted, reserved } = this.#limits;
    const isTrusted = uid === 0 || uid === this.#self;
    const bound = isTrusted ? trusted : perUser;
    const count = this.#users.get(uid) ?? 0;
    if (count >= bound) return `uid ${uid} has ${bound} connections already`;
    const total = isTrusted ? all : all - reserved;
    if (this.#all >= total) return `there are ${total} connections already`;
    this.#users.set(uid, count + 1);
    this.#all++;
    return () => this.#leave(uid);
  }

  #leave(uid: number): void {
    const count = this.#users.get(uid) ?? 0;
    if (count <= 1) this.#users.delete(uid);
    else this.#users.set(uid, count - 1);
    this.#all--;
  }
}
