import { main } from './ifupdown/main.ts';

// What is not needed for a dry run is loaded only for what is none.
const forReal: typeof import('./ifupdown/for-real.ts').forReal = async (...asked) =>
  (await import('./ifupdown/for-real.ts')).forReal(...asked);

// No await here: the bundle is CommonJS. All has been written when a command is done: nothing is to be waited for.
main('ifdown', process.argv.slice(2), { forReal }).then(status => process.exit(status));
