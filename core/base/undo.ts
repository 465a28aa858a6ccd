/** Takes back one registration; calling it twice does nothing the second time. */
export type Undo = () => void;

/** A stack of undos: whoever registers pushes, closing runs them backwards, each one even if another throws. */
export class UndoStack {
  #undos: Undo[] = [];

  push(undo: Undo): void {
    this.#undos.push(undo);
  }

  /** Runs all undos in reverse order and empties the stack. Errors are gathered and returned, not thrown. */
  run(): unknown[] {
    const errors: unknown[] = [];
    for (const undo of this.#undos.splice(0).reverse()) {
      try {
        undo();
      } catch (error) {
        errors.push(error);
      }
    }
    return errors;
  }
}
