import { dirname } from 'node:path';
import type { Files } from '../../../plugins/interfaces/parse/files.ts';

/** Files by absolute path, in memory. */
export function memoryFiles(files: Readonly<Record<string, string>>): Files {
  const missing = (path: string) =>
    Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), {
      code: 'ENOENT',
      syscall: 'open',
    });
  const entries = (directory: string) => {
    const prefix = directory.endsWith('/') ? directory : `${directory}/`;
    const below = Object.keys(files).filter(path => path.startsWith(prefix));
    return [...new Set(below.map(path => path.slice(prefix.length).split('/')[0] ?? ''))];
  };
  return {
    read: path => {
      const content = files[path];
      if (content === undefined) throw missing(path);
      return { content, identity: `${dirname(path)}/${path}` };
    },
    list: directory => {
      const found = entries(directory);
      if (found.length === 0) throw missing(directory);
      return found;
    },
    kind: path => {
      if (Object.hasOwn(files, path)) return 'other';
      return entries(path).length > 0 ? 'directory' : undefined;
    },
  };
}
