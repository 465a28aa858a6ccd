import { accessSync, constants, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type FileStatus, fileStatus, S_IFDIR, S_IFMT, S_IFREG } from '../base/libc/stat.ts';
import { inspect, type Trust } from '../base/trust.ts';
import { familyOf } from '../bus/event.ts';
import { type Kind, type Listing, Listings } from './listing.ts';
import { selectNames, usualNames } from './select.ts';

/** A file in a hook directory that will not run, and why. */
export interface Excluded {
  script: string;
  reason: string;
  /** It would have run but for this: history shows it. Otherwise it is no script, or somebody's decision. */
  refused: boolean;
}

export interface Selection {
  /** Absolute paths, in the order in which they run. */
  scripts: string[];
  excluded: Excluded[];
}

/** An event as hook directories see it. */
export interface Wanted {
  name: string;
  /** Do the scripts in `hooks.d` itself run for it? */
  top: boolean;
}

/**
 * The hook directories of several levels (`/etc/netconf/hooks.d` before `/usr/lib/netconf/hooks.d`). For an event,
 * first the scripts of `hooks.d` itself, then of `FAMILY.d`, then of `NAME.d`; each of these three is one directory
 * made of all levels: of files with one name the first level's counts, and a link to /dev/null (a mask) takes that
 * name out. A folder that is a link to /dev/null takes out the lower levels' folders of that name.
 */
export class HookDirectories {
  readonly levels: readonly string[];
  readonly #listings = new Listings();
  #folders = new Map<string, readonly string[]>();
  #generation = -1;

  constructor(levels: readonly string[]) {
    this.levels = [...new Set(levels)];
  }

  /** Is there anything at all to look at for this event? Asked for every event, so cheap: mostly a Map lookup. */
  wants(wanted: Wanted): boolean {
    const folders = this.#foldersOf(wanted.name);
    if (wanted.top && this.levels.some(level => holdsFiles(this.#listings.read(level)))) return true;
    return folders.some(folder =>
      this.levels.some(level => holdsFiles(this.#listings.read(join(level, folder)))),
    );
  }

  /** The scripts that run for an event now, and everything else that lies there. */
  select(wanted: Wanted, root = process.getuid?.() === 0): Selection {
    const selection: Selection = { scripts: [], excluded: [] };
    const cache = new Map<string, Trust>();
    const folders = this.#foldersOf(wanted.name);
    for (const folder of wanted.top ? ['', ...folders] : folders) {
      for (const path of this.#merge(folder, selection.excluded)) {
        const refusal = examine(path, root, cache);
        if (refusal === undefined) selection.scripts.push(path);
        else selection.excluded.push({ script: path, ...refusal });
      }
    }
    return selection;
  }

  /** Looked at now, all that decides about an event's scripts: the directories, there or not, and what lies in them. */
  places(wanted: Wanted): string[] {
    this.#listings.refresh();
    const { scripts, excluded } = this.select(wanted);
    const folders = this.#foldersOf(wanted.name);
    const directories = this.levels.flatMap(level => [level, ...folders.map(folder => join(level, folder))]);
    return [...new Set([...directories, ...scripts, ...excluded.map(({ script }) => script)])];
  }

  /** What is wrong with the levels themselves. */
  problems(): string[] {
    return this.levels.flatMap(level => this.#listings.read(level).problem ?? []);
  }

  /** `FAMILY.d` and `NAME.d`, as far as one of the levels has them. */
  #foldersOf(name: string): readonly string[] {
    for (const level of this.levels) this.#listings.read(level);
    if (this.#generation !== this.#listings.generation || this.#folders.size > 1000) {
      this.#folders = new Map();
      this.#listings.prune(path => this.#isCurrent(path));
      this.#generation = this.#listings.generation;
    }
    let folders = this.#folders.get(name);
    if (folders === undefined) {
      folders = [...new Set([`${familyOf(name)}.d`, `${name}.d`])].filter(folder =>
        this.levels.some(level => isFolder(this.#listings.read(level).entries.get(folder))),
      );
      this.#folders.set(name, folders);
    }
    return folders;
  }

  #isCurrent(path: string): boolean {
    return this.levels.some(
      level =>
        path === level ||
        (path.startsWith(`${level}/`) &&
          isFolder(this.#listings.read(level).entries.get(path.slice(level.length + 1)))),
    );
  }

  /** Paths of one directory of all levels, in order. What the merging takes out goes to `excluded`. */
  #merge(folder: string, excluded: Excluded[]): string[] {
    const chosen = new Map<string, string | undefined>();
    for (const level of this.levels) {
      const directory = folder === '' ? level : join(level, folder);
      if (folder !== '') {
        const kind = this.#listings.read(level).entries.get(folder);
        if (!isFolder(kind)) continue;
        if (kind === 'link' && isMask(directory)) {
          excluded.push({ script: directory, reason: 'masked: a link to /dev/null', refused: false });
          break;
        }
      }
      const { entries, problem } = this.#listings.read(directory);
      if (problem !== undefined) excluded.push({ script: directory, reason: problem, refused: true });
      for (const [name, kind] of entries) {
        // Of hooks.d itself, a link to a folder is looked at with that folder's events.
        if (kind === 'directory' || (folder === '' && kind === 'link' && name.endsWith('.d'))) continue;
        const path = join(directory, name);
        if (chosen.has(name)) {
          const by = chosen.get(name);
          const reason = by === undefined ? `masked in a level before ${level}` : `overridden by ${by}`;
          excluded.push({ script: path, reason, refused: false });
        } else if (kind === 'link' && isMask(path)) {
          chosen.set(name, undefined);
          excluded.push({ script: path, reason: 'masked: a link to /dev/null', refused: false });
        } else {
          chosen.set(name, path);
        }
      }
    }
    const paths = new Map<string, string>();
    for (const [name, path] of chosen) {
      if (path === undefined) continue;
      if (usualNames(name)) paths.set(name, path);
      else
        excluded.push({
          script: path,
          reason: 'its name has other characters than letters, digits, _ and -',
          refused: false,
        });
    }
    return selectNames(paths.keys()).map(name => paths.get(name)!);
  }
}

function holdsFiles(listing: Listing): boolean {
  if (listing.problem !== undefined) return true;
  for (const kind of listing.entries.values()) if (kind !== 'directory') return true;
  return false;
}

/** A folder, or a link that may be one. */
function isFolder(kind: Kind | undefined): boolean {
  return kind === 'directory' || kind === 'link';
}

function isMask(path: string): boolean {
  try {
    return readlinkSync(path) === '/dev/null';
  } catch {
    return false;
  }
}

/** The reason why a file does not run, if any: trusted, plain, executable, as run-parts looks at it (stat, access). */
function examine(
  path: string,
  root: boolean,
  cache: Map<string, Trust>,
): Omit<Excluded, 'script'> | undefined {
  const trust = root ? inspect(path, cache) : undefined;
  // One look at each part of the way, as root, tells both what the file is and whether to trust it.
  const status = trust !== undefined && 'status' in trust ? trust.status : fileStatus(path, true);
  if (status === 'ENOENT')
    return { reason: 'gone, or a link to something that does not exist', refused: true };
  if (typeof status === 'string') return { reason: `cannot be looked at: ${status}`, refused: true };
  const type = status.mode & S_IFMT;
  if (type === S_IFDIR) return { reason: 'a link to a directory', refused: false };
  if (type !== S_IFREG) return { reason: 'not a plain file', refused: false };
  if (!isExecutable(path, status, root)) return { reason: 'not executable: chmod +x', refused: false };
  return trust !== undefined && 'reason' in trust ? { reason: trust.reason, refused: true } : undefined;
}

function isExecutable(path: string, status: FileStatus, root: boolean): boolean {
  if ((status.mode & 0o111) === 0) return false;
  if (root) return true;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
