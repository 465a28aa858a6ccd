import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

type Koffi = typeof import('koffi')['default'];

/** As musl names its loaders. */
const processors: Partial<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', riscv64: 'riscv64' };

/*
 * koffi's native half. The package's own entry looks for it, and wraps what is deprecated, for 4 ms: a fifth of an empty
 * Node program. It lies in a package of its own that koffi depends on, whose entry takes 2 ms to find out by which libc
 * Node was linked: only where musl's loader is on the machine can that be another than glibc. Where it cannot be had
 * from there, koffi finds it.
 */

// A built program has `require`; its modules, before they are built, have not.
const load = typeof require === 'function' ? require : createRequire(import.meta.url);
const koffi = direct() ?? (load('koffi') as Koffi);
export default koffi;

function direct(): Koffi | undefined {
  const { platform, arch } = process;
  const name = `@koromix/koffi-${platform}-${arch}`;
  const processor = processors[arch];
  const isGlibc = processor !== undefined && !existsSync(`/lib/ld-musl-${processor}.so.1`);
  for (const path of isGlibc ? [`${name}/${platform}_${arch}/koffi.node`, name] : [name]) {
    try {
      return load(path) as Koffi;
    } catch {
      // Elsewhere, then.
    }
  }
  return undefined;
}
