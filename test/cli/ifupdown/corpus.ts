import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** One configuration that both programs are run on. */
export interface Sample {
  title: string;
  /** What the programs are told beside their own options. */
  words: string[];
  /** By name: `interfaces`, and what it includes. */
  files: Record<string, string>;
}

const folder = join(import.meta.dirname, 'corpus');

/**
 * The samples of `corpus/`: each begins with `=== title | words`, further files of it with `--- name`. Without words it
 * is `-a`. Texts are bytes (latin1); `\0` stands for itself, and so does a trailing blank.
 */
export function samples(): Sample[] {
  return readdirSync(folder)
    .sort()
    .flatMap(file => {
      const text = readFileSync(join(folder, file), 'latin1');
      return text
        .split(/^=== /m)
        .slice(1)
        .map(part => readSample(part, basename(file, '.txt')));
    });
}

function readSample(part: string, group: string): Sample {
  const [head = '', ...lines] = part.split('\n');
  const [title = '', words = ''] = head.split(' | ');
  const [interfaces = '', ...others] = lines.join('\n').split(/^--- /m);
  const files = others.map(other => {
    const end = other.indexOf('\n');
    return [other.slice(0, end), other.slice(end + 1)] as const;
  });
  const asked = words.split(' ').filter(word => word !== '');
  return {
    title: `${group}: ${title}`,
    words: asked.length > 0 ? asked : ['-a'],
    files: { interfaces, ...Object.fromEntries(files) },
  };
}
