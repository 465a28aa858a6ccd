/** Takes back one registration; calling it twice does nothing the second time. */
export type Undo = () => void;

/** The undos of what one owner registered; closing runs them backwards, each one even if another throws. */
export class UndoStack {
  readonly #undos = new Set<Undo>();

  /** Remembers an undo. The returned one runs it at once and forgets it. */
  push(undo: Undo): Undo {
    const once = () => {
      if (this.#undos.delete(once)) undo();
    };
    this.#undos.add(once);
    return once;
  }

  /** Runs all undos in reverse order. Errors are gathered and returned, not thrown. */
  run(): unknown[] {
    const errors: unknown[] = [];
    for (const undo of [...this.#undos].reverse()) {
      try {
        undo();
      } catch (error) {
        errors.push(error);
      }
    }
    return errors;
  }
}
