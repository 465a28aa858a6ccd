import { run } from './index.ts';

void run().then(rows => console.table(rows));
