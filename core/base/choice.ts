export type OptionValue = boolean | string | string[];

/** What the caller chose: the command's path (`plugin load`; empty for the program itself) with what came after it. */
export class Choice {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly #options: ReadonlyMap<string, OptionValue>;

  constructor(command: string, given: readonly string[], options: ReadonlyMap<string, OptionValue>) {
    this.command = command;
    this.arguments = given;
    this.#options = options;
  }

  flag(name: string): boolean {
    return this.#options.get(name) === true;
  }

  value(name: string): string | undefined {
    const value = this.#options.get(name);
    return typeof value === 'string' ? value : undefined;
  }

  /** Of an option that may come more than once. */
  values(name: string): string[] {
    const value = this.#options.get(name);
    return Array.isArray(value) ? value : [];
  }
}
