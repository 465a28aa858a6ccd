import assert from 'node:assert/strict';
import { columns } from '../../cli/columns.ts';

describe('columns', () => {
  it('align, whatever colours are in the cells, and leave no blanks at the end', () => {
    const lines = columns([
      ['\x1b[31mred\x1b[0m', 'x', ''],
      ['longer', '', 'end'],
    ]);
    assert.deepEqual(lines, ['\x1b[31mred\x1b[0m     x', 'longer     end']);
  });

  it('break the last column at blanks where the terminal is narrow, below itself, and leave paths whole', () => {
    const rows = [
      ['name', 'some words that do not fit'],
      ['path', '/a/very/long/path/without/any/blank'],
    ];
    assert.deepEqual(columns(rows, 28), [
      'name  some words that do not',
      '      fit',
      'path  /a/very/long/path/without/any/blank',
    ]);
    assert.equal(columns(rows, 10).length, 2);
    assert.equal(columns(rows, undefined).length, 2);
  });
});
