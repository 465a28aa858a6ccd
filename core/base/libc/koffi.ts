import { createRequire } from 'node:module';

type Koffi = typeof import('koffi')['default'];

/*
 * koffi's native half. The package's own entry looks for it, and wraps what is deprecated, for 4 ms: a fifth of an empty
 * Node program. It lies in a package of its own that koffi depends on; where it cannot be had from there, koffi finds it.
 */
// A built program has `require`; its modules, before they are built, have not.
const load = typeof require === 'function' ? require : createRequire(import.meta.url);
const koffi = direct() ?? (load('koffi') as Koffi);
export default koffi;

function direct(): Koffi | undefined {
  try {
    return load(`@koromix/koffi-${process.platform}-${process.arch}`) as Koffi;
  } catch {
    return undefined;
  }
}
