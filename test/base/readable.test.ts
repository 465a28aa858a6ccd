import assert from 'node:assert/strict';
import { closeSync, writeSync } from 'node:fs';
import { pipe, readAvailable } from '../../core/base/libc/files.ts';
import { Readable } from '../../core/base/libc/readable.ts';
import { openDescriptors, until } from '../runner/hooks.ts';

const turns = (count: number) =>
  Array.from({ length: count }).reduce<Promise<void>>(
    before => before.then(() => new Promise(resolve => setImmediate(resolve))),
    Promise.resolve(),
  );

describe('a descriptor that the event loop waits for', () => {
  it('is told of while there is something to read, and not when it is paused or closed', async () => {
    const { read, write } = pipe();
    let calls = 0;
    const readable = new Readable(read, () => {
      calls++;
    });
    try {
      await turns(5);
      assert.equal(calls, 0, 'nothing to read yet');
      writeSync(write, 'x');
      await until(() => calls >= 3, 'it is told of again until somebody reads');
      readable.pause();
      await turns(1);
      const before = calls;
      await turns(5);
      assert.equal(calls, before, 'paused');
      readable.resume();
      await until(() => calls > before, 'what waits is told of after the pause');
      assert.equal(readAvailable(read, Buffer.alloc(8)), 1, 'nobody has read but us');
      await turns(2);
      const last = calls;
      await turns(5);
      assert.equal(calls, last, 'nothing is left to read');
    } finally {
      readable.close();
      closeSync(read);
      closeSync(write);
    }
  });

  it('leaves nothing open when it is closed', async () => {
    const { read, write } = pipe();
    const before = openDescriptors();
    for (let n = 0; n < 100; n++) new Readable(read, () => undefined).close();
    await until(() => openDescriptors() === before, 'as many descriptors as before');
    closeSync(read);
    closeSync(write);
  });
});
