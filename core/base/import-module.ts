/**
 * `import()` of a file that is only known when the program runs. A program that is started from what V8 made of it
 * before cannot import by itself: its loader does (scripts/loader.cjs).
 */
export const importModule: (url: string) => Promise<object> =
  (globalThis as { netconfImport?: (url: string) => Promise<object> }).netconfImport ?? (url => import(url));
