import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cacheOf } from '../base/compiled.ts';
import { messageOf } from '../base/errors.ts';
import { checkTrust, type Trust } from '../base/trust.ts';

/** A plugin file that was found and may be imported. */
export interface Candidate {
  /** The file's or folder's name without ending: the plugin must have the same. */
  name: string;
  /** What is imported. */
  file: string;
  /** From the folder's `package.json`. */
  version: string | null;
  /** Changes when the file does. */
  stamp: string;
}

export interface Discovery {
  candidates: Candidate[];
  /** What lies there and is not used, with the reason. */
  refused: { name: string; file: string; reason: string }[];
}

/**
 * Lists the plugins of the directories, in byte order of their names; of two with the same name the earlier
 * directory's wins. `NAME.mjs`, `NAME.js`, `NAME.cjs`, and folders with a `package.json` are plugins; what else lies there is
 * passed over. A missing directory is an empty one.
 */
export function discover(directories: readonly string[]): Discovery {
  const found = new Map<string, { candidate?: Candidate; refusal?: Discovery['refused'][number] }>();
  const refused: Discovery['refused'] = [];
  const parents: Parents = new Map();
  for (const directory of directories) {
    for (const entry of list(directory, refused)) {
      const path = join(directory, entry);
      const name = entry.replace(/\.[mc]?js$/, '');
      if (found.has(name)) continue;
      try {
        const candidate = examine(path, name, parents);
        if (candidate !== undefined) found.set(name, { candidate });
      } catch (error) {
        found.set(name, { refusal: { name, file: path, reason: messageOf(error) } });
      }
    }
  }
  const sorted = [...found].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return {
    candidates: sorted.flatMap(([, { candidate }]) => candidate ?? []),
    refused: [...refused, ...sorted.flatMap(([, { refusal }]) => refusal ?? [])],
  };
}

function list(directory: string, refused: Discovery['refused']): string[] {
  try {
    return readdirSync(directory).filter(entry => !entry.startsWith('.'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      refused.push({ name: directory, file: directory, reason: messageOf(error) });
    }
    return [];
  }
}

/** What was found of the directories on the way, for this one look at all. */
type Parents = Map<string, Trust>;

function examine(path: string, name: string, parents: Parents): Candidate | undefined {
  const found = statSync(path);
  const folder = found.isDirectory();
  if (folder ? !hasManifest(path) : !/\.[mc]?js$/.test(path)) return undefined;
  // Before anything is read: what others could change could also be a pipe that is never written to.
  for (const part of folder ? everythingIn(path) : [path]) check(part, parents);
  const manifest = folder ? readManifest(join(path, 'package.json')) : undefined;
  const file = manifest === undefined ? path : join(path, manifest.main);
  if (folder) check(file, parents);
  if (existsSync(cacheOf(file))) check(cacheOf(file), parents);
  const { mtimeMs, size, ino } = folder ? statSync(file) : found;
  return { name, file, version: manifest?.version ?? null, stamp: `${mtimeMs}-${size}-${ino}` };
}

function hasManifest(folder: string): boolean {
  return statSync(join(folder, 'package.json'), { throwIfNoEntry: false }) !== undefined;
}

function check(path: string, cache: Parents): void {
  const trust = checkTrust(path, { cache });
  if ('reason' in trust) throw new Error(trust.reason);
}

/** A plugin's folder may import any file in it, so all of them are checked. */
function everythingIn(folder: string): string[] {
  if (process.getuid?.() !== 0) return [folder];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return [folder, ...entries.map(entry => join(entry.parentPath, entry.name))];
}

function readManifest(file: string): { main: string; version: string | null } {
  let manifest: Record<string, unknown>;
  try {
    manifest = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    throw new Error(`${file}: ${messageOf(error)}`);
  }
  const main = entryOf(manifest.exports) ?? manifest.main ?? 'index.js';
  if (typeof main !== 'string') throw new Error(`${file}: "main" must be a path`);
  return { main, version: typeof manifest.version === 'string' ? manifest.version : null };
}

/** The file that `exports` names for a plain import: a string, `{".": …}`, or conditions. */
function entryOf(exported: unknown): string | undefined {
  if (typeof exported === 'string') return exported;
  if (typeof exported !== 'object' || exported === null) return undefined;
  const entries = exported as Record<string, unknown>;
  return entryOf(entries['.'] ?? entries.import ?? entries.node ?? entries.default);
}
