import { main } from './ifupdown/main.ts';

// No await here: the bundle is CommonJS. All has been written when a command is done: nothing is to be waited for.
main('ifquery', process.argv.slice(2)).then(status => process.exit(status));
