import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';
import { NetconfError } from '../base/errors.ts';

/** Knows where in a file each key stands. */
export interface Positions {
  /** FILE:LINE:COLUMN of a path of keys, or of the deepest part of it that the file has. */
  locate(path: readonly PropertyKey[]): string;
}

/**
 * Parses YAML 1.2, of which JSON is a part, keeping positions. Throws `BadConfiguration` with every mistake as
 * FILE:LINE:COLUMN. Aliases are bounded, so that no file grows when it is read.
 */
export function parse(file: string, text: string): { value: unknown; positions: Positions } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    const sentences = document.errors.map(({ pos, message }) => `${at(pos[0])}: ${message}`);
    throw new NetconfError('BadConfiguration', sentences.join('\n'));
  }
  // Options of interfaces are text, as in interfaces(5): 0123 is no number, and no `no`.
  const interfaces = document.get('interfaces');
  if (isNode(interfaces))
    visit(interfaces, {
      Scalar: (_, node) => {
        if (typeof node.value !== 'string' && node.value !== null) node.value = node.source ?? node.value;
      },
    });
  const locate = (path: readonly PropertyKey[]) => at(offsetOf(document.contents, path));
  try {
    return { value: document.toJS({ maxAliasCount: 100 }) as unknown, positions: { locate } };
  } catch (error) {
    throw new NetconfError('BadConfiguration', `${file}: ${(error as Error).message}`);
  }
}

function offsetOf(root: Node | null, path: readonly PropertyKey[]): number {
  let offset = root?.range?.[0] ?? 0;
  let node: unknown = root;
  for (const key of path) {
    const item = isSeq(node) ? node.items[Number(key)] : undefined;
    if (isNode(item)) {
      offset = item.range?.[0] ?? offset;
      node = item;
      continue;
    }
    if (!isMap(node)) break;
    const pair = node.items.find(item => isScalar(item.key) && String(item.key.value) === String(key)) as
      | Pair<Node, Node>
      | undefined;
    if (pair === undefined) break;
    offset = pair.key.range?.[0] ?? offset;
    node = pair.value;
  }
  return offset;
}
