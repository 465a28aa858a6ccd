import type { Problems } from './problem.ts';
import { placeText } from './source.ts';
import { type Block, type Option, plainText, type Value, valueText } from './syntax.ts';

/** The options of one block by their names; what stands twice is told. */
export class Options {
  readonly block: Block;
  readonly problems: Problems;
  /** Each once, or as often as it may. */
  readonly list: readonly Option[];

  constructor(block: Block, problems: Problems) {
    this.block = block;
    this.problems = problems;
    const list: Option[] = [];
    for (const item of block.items) {
      if (item.kind !== 'option') continue;
      const before = item.rule.many ? undefined : list.find(each => each.rule.key === item.rule.key);
      if (before === undefined) list.push(item);
      else problems.error(item, `${item.keyword} stands here twice`, `the first is at ${placeText(before)}`);
    }
    this.list = list;
  }

  /** By its usual spelling. */
  get(name: string): Option | undefined {
    for (const option of this.list) if (option.rule.key === name) return option;
    return undefined;
  }

  all(name: string): readonly Option[] {
    return this.list.filter(({ rule }) => rule.key === name);
  }

  /** What `read` makes of an option's value; undefined, and told, where it is nothing. */
  value<T>(
    name: string,
    expected: string,
    read: (text: string, value: Value) => T | undefined,
  ): T | undefined {
    const option = this.get(name);
    return option === undefined ? undefined : this.read(option, expected, read);
  }

  read<T>(
    option: Option,
    expected: string,
    read: (text: string, value: Value) => T | undefined,
  ): T | undefined {
    const [value] = option.values;
    // That it is missing has been told.
    if (value === undefined) return undefined;
    const found = read(plainText(value), value);
    if (found === undefined)
      this.problems.error(value, `${option.keyword} ${valueText(value)}: expected ${expected}`);
    return found;
  }

  /** Tells of each `not` in a block whose options cannot be reversed. */
  refuseNot(): void {
    for (const item of this.block.items) {
      if (item.kind === 'option' && item.not !== undefined)
        this.problems.error(item.not, `not before ${item.keyword}: only what a rule matches can be reversed`);
    }
  }
}
