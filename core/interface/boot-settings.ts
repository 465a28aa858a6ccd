import { anyGlob } from '../base/glob.ts';
import type { Declared } from '../plugin/hooks.ts';

/**
 * What is configured at the start, in the words of /etc/default/networking, which the units give to netconfd as its
 * environment: `CONFIGURE_INTERFACES=no` for nothing, `EXCLUDE_INTERFACES` for all but those (patterns, blanks between
 * them). `ifup -a --read-environment` means the same by them (main.c of ifupdown).
 */
export class BootSettings {
  readonly exclude: readonly string[];
  readonly #configure: boolean;
  readonly #isExcluded: (name: string) => boolean;

  constructor({ CONFIGURE_INTERFACES, EXCLUDE_INTERFACES = '' }: NodeJS.ProcessEnv) {
    this.#configure = CONFIGURE_INTERFACES !== 'no';
    this.exclude = this.#configure ? EXCLUDE_INTERFACES.split(/\s+/).filter(word => word !== '') : ['*'];
    this.#isExcluded = this.exclude.length === 0 ? () => false : anyGlob(this.exclude);
  }

  /** What is excluded is not `auto` any more: nothing configures it by itself, and nobody waits for it. */
  apply(declared: readonly Declared[]): readonly Declared[] {
    return declared.map(one =>
      this.#isExcluded(one.interface)
        ? { ...one, classes: one.classes.filter(each => each !== 'auto') }
        : one,
    );
  }
}
