import { readFileSync } from 'node:fs';
import { lookAt } from './mark.ts';

/**
 * Names of users and groups to their numbers, as the files say: passwd(5) and group(5). Other directories of users
 * (nsswitch.conf(5)) are not asked, since an answer may take as long as a network that is not up: their users and groups
 * are written as numbers.
 */
export class Accounts {
  readonly #users: NumbersFile;
  readonly #groups: NumbersFile;

  constructor({ passwd = '/etc/passwd', group = '/etc/group' } = {}) {
    this.#users = new NumbersFile(passwd);
    this.#groups = new NumbersFile(group);
  }

  /** User id of a name; a number stands for itself. */
  uidOf(user: string): number | undefined {
    return /^\d+$/.test(user) ? Number(user) : this.#users.numbers().get(user);
  }

  /** Group id of a name; a number stands for itself. */
  gidOf(group: string): number | undefined {
    return /^\d+$/.test(group) ? Number(group) : this.#groups.numbers().get(group);
  }

  /** `alice (uid 1000)`, or `uid 1000` where the file has no name for it. */
  describe(uid: number): string {
    for (const [name, number] of this.#users.numbers()) if (number === uid) return `${name} (uid ${uid})`;
    return `uid ${uid}`;
  }
}

/** The third field by the first: the same in both files. Read again when it has changed. */
class NumbersFile {
  readonly #path: string;
  #mark: string | undefined;
  #numbers: ReadonlyMap<string, number> = new Map();

  constructor(path: string) {
    this.#path = path;
  }

  numbers(): ReadonlyMap<string, number> {
    const { mark, settled } = lookAt(this.#path);
    if (mark === this.#mark) return this.#numbers;
    this.#mark = settled ? mark : undefined;
    this.#numbers = readNumbers(this.#path);
    return this.#numbers;
  }
}

function readNumbers(path: string): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    // Who is not known by name may be by number.
    return numbers;
  }
  for (const line of text.split('\n')) {
    const [name, , number] = line.split(':', 3);
    if (name && number !== undefined && /^\d{1,10}$/.test(number) && !numbers.has(name))
      numbers.set(name, Number(number));
  }
  return numbers;
}
