import { Control, ControlError } from './control.ts';
import type { Settings } from './settings.ts';

/** A supplicant that takes interfaces: `wpa_supplicant -g PATH`. */
export class GlobalSupplicant {
  readonly #path: string;
  readonly #local: () => string;

  /** @param local where our end of its socket may lie */
  constructor(path: string, local: () => string) {
    this.#path = path;
    this.#local = local;
  }

  /** True when it has taken the interface; false when nobody listens. Rejects with a ControlError when it refuses. */
  async add(settings: Settings, directory: string): Promise<boolean> {
    const { interface: on, conf = '', driver, bridge = '', control } = settings;
    // Where the file names a directory, that one counts.
    const words = [on, conf, driver, control === undefined ? directory : '', '', bridge];
    try {
      await this.#tell(`INTERFACE_ADD ${words.join('\t')}`);
      return true;
    } catch (error) {
      if (error instanceof ControlError && error.kind === 'absent') return false;
      throw error;
    }
  }

  async remove(on: string): Promise<void> {
    await this.#tell(`INTERFACE_REMOVE ${on}`);
  }

  async #tell(command: string): Promise<void> {
    const control = await Control.open({ path: this.#path, local: this.#local() });
    try {
      await control.ask(command);
    } finally {
      control.close();
    }
  }
}
