import { type Dirent, readdirSync } from 'node:fs';
import { type FileStatus, fileStatus, isSameFile, S_IFDIR, S_IFMT } from '../base/libc/stat.ts';
import { Runs } from '../base/runs.ts';

export type Kind = 'file' | 'directory' | 'link' | 'other';

/** What lies in a directory; `problem` is the sentence why that cannot be said. A missing directory is an empty one. */
export interface Listing {
  entries: ReadonlyMap<string, Kind>;
  problem?: string;
}

/** A listing whose directory changed this shortly before it was read may be one change behind: clocks have ticks. */
const unsettledMs = 100;

interface Known {
  /** What the look at it found, or the sentence why nothing; undefined when the listing may be a change behind. */
  found: FileStatus | string | undefined;
  listing: Listing;
  run: number;
}

/**
 * Listings of directories, kept for as long as the directory's inode and times say that they hold. A directory is
 * looked at once in a run of JavaScript, however many events that run publishes: in a storm thousands share one look,
 * and nothing has to wait or wake up for the next.
 */
export class Listings {
  readonly #known = new Map<string, Known>();
  readonly #runs = new Runs();
  #generation = 0;

  /** Grows whenever a listing came out different. */
  get generation(): number {
    return this.#generation;
  }

  read(path: string): Listing {
    const known = this.#known.get(path);
    const run = this.#runs.current;
    if (known?.run === run) return known.listing;
    const found = look(path, known?.found === missing);
    if (known?.found !== undefined && isSame(known.found, found)) {
      known.run = run;
      return known.listing;
    }
    this.#generation++;
    if (typeof found === 'string') {
      const listing = { entries: nothing, ...(found !== missing && { problem: found }) };
      this.#known.set(path, { found, listing, run });
      return listing;
    }
    const listing = list(path);
    const settled = Date.now() - found.changedMs > unsettledMs;
    this.#known.set(path, { found: settled ? found : undefined, listing, run });
    return listing;
  }

  /** Looks at each directory again when it is read next. */
  refresh(): void {
    this.#runs.next();
  }

  /** Forgets what `keep` does not want. */
  prune(keep: (path: string) => boolean): void {
    for (const path of this.#known.keys()) if (!keep(path)) this.#known.delete(path);
  }
}

const nothing: ReadonlyMap<string, Kind> = new Map();
const missing = 'does not exist';

/** `wasMissing`: then a directory that is not there needs no second look for what else may be there instead. */
function look(path: string, wasMissing: boolean): FileStatus | string {
  const status = fileStatus(path, true);
  if (status === 'ENOENT') {
    const dangling = !wasMissing && typeof fileStatus(path, false) === 'object';
    return dangling ? `${path} is a link to something that does not exist` : missing;
  }
  if (typeof status === 'string') return `${path} cannot be looked at: ${status}`;
  return (status.mode & S_IFMT) === S_IFDIR ? status : `${path} is not a directory`;
}

function isSame(a: FileStatus | string, b: FileStatus | string): boolean {
  return typeof a === 'string' || typeof b === 'string' ? a === b : isSameFile(a, b);
}

function list(path: string): Listing {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return { entries: new Map(entries.map(entry => [entry.name, kindOf(entry)])) };
  } catch (error) {
    return {
      entries: nothing,
      problem: `${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`,
    };
  }
}

function kindOf(entry: Dirent): Kind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'link' : 'other';
}
