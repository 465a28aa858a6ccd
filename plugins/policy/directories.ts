import { type Dirent, readdirSync, realpathSync } from 'node:fs';
import { globMatches } from '../../core/base/glob.ts';
import { lookAt } from './mark.ts';

/** A file of a policy directory. */
export interface PolicyFile {
  /** An interface, a glob (`*` and `?`), or `default`. */
  name: string;
  path: string;
}

/**
 * The policy files of the directories: of one name the first directory's counts, and a link to /dev/null takes the name
 * away from all. The directories are read again when they have changed.
 */
export class PolicyDirectories {
  #directories: readonly string[];
  #generation = 0;
  /** What was found, by name; globs in the order in which they are asked. */
  #files = new Map<string, PolicyFile>();
  #globs: PolicyFile[] = [];
  #marks: string | undefined;
  #looked = Number.NEGATIVE_INFINITY;
  readonly #chosen = new Map<string, PolicyFile | undefined>();

  constructor(directories: readonly string[]) {
    this.#directories = directories;
  }

  /**
   * The one file that counts for an interface: that of its name, else the glob that says most (most characters that
   * are no `*` or `?`; of equal ones the first in the order of bytes), else `default`. Without an interface `default`.
   *
   * @param now milliseconds since the epoch
   * @param patience a look that was less than so many milliseconds ago is good enough
   */
  fileFor(link: string | undefined, now = Date.now(), patience = 0): PolicyFile | undefined {
    if (Math.abs(now - this.#looked) >= patience) this.#look(now);
    if (link === undefined) return this.#files.get(fallback);
    if (this.#chosen.has(link)) return this.#chosen.get(link);
    const exact = isGlob(link) ? undefined : this.#files.get(link);
    const file =
      exact ?? this.#globs.find(({ name }) => globMatches(name, link)) ?? this.#files.get(fallback);
    if (this.#chosen.size >= mostChosen) this.#chosen.clear();
    this.#chosen.set(link, file);
    return file;
  }

  /** Counts up when files come or go. */
  get generation(): number {
    return this.#generation;
  }

  /** Other directories from now on. */
  use(directories: readonly string[]): void {
    this.#directories = directories;
    this.#marks = undefined;
    this.#looked = Number.NEGATIVE_INFINITY;
  }

  /** In the order of their names. */
  all(): PolicyFile[] {
    this.#look(Date.now());
    return [...this.#files.values()];
  }

  #look(now: number): void {
    this.#looked = now;
    const looks = this.#directories.map(lookAt);
    const marks = looks.map(({ mark }) => mark).join(' ');
    if (marks === this.#marks) return;
    this.#marks = looks.every(({ settled }) => settled) ? marks : undefined;
    this.#files = new Map(listPolicies(this.#directories).map(file => [file.name, file]));
    this.#globs = [...this.#files.values()].filter(({ name }) => isGlob(name)).sort(bySaying);
    this.#chosen.clear();
    this.#generation++;
  }
}

/** The file for all that has none of its own. */
export const fallback = 'default';

const mostChosen = 10_000;

/** What editors and package managers leave lying about. */
const leftover = /^\.|~$|^#.*#$|\.(dpkg|ucf)-[a-z]+$|\.(bak|orig|rej|rpmnew|rpmsave|swp)$/;

/** Every file that counts, in the order of the names' bytes. What cannot be read is empty: {@link lookAt} tells. */
export function listPolicies(directories: readonly string[]): PolicyFile[] {
  const found = new Map<string, PolicyFile | undefined>();
  for (const directory of directories) {
    for (const entry of entriesOf(directory)) {
      const { name } = entry;
      if (leftover.test(name) || found.has(name)) continue;
      const path = `${directory}/${name}`;
      found.set(name, isMask(entry, path) ? undefined : { name, path });
    }
  }
  const files = [...found.values()].filter(file => file !== undefined);
  return files.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
}

export function isGlob(name: string): boolean {
  return /[*?]/.test(name);
}

function bySaying(a: PolicyFile, b: PolicyFile): number {
  const said = ({ name }: PolicyFile) => name.replaceAll(/[*?]/g, '').length;
  return said(b) - said(a);
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}

function isMask(entry: Dirent, path: string): boolean {
  if (!entry.isSymbolicLink()) return false;
  try {
    return realpathSync(path) === '/dev/null';
  } catch {
    return false;
  }
}
