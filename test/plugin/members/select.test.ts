import assert from 'node:assert/strict';
import { namesIn, selectionOf } from '../../../core/plugin/members/select.ts';

const links = ['lo', 'eth0', 'eth10', 'vif3', 'ext0', 'br0'];
const from = (...words: string[]) => selectionOf(words).from(links);

describe('a selection of members', () => {
  it('has names in their order, there or not, and each once', () => {
    assert.deepEqual(from('eth10', 'eth7', 'eth0', 'eth10'), ['eth10', 'eth7', 'eth0']);
  });

  it('has what regular expressions match whole, between regex and noregex', () => {
    assert.deepEqual(from('regex', 'eth.', 'noregex', 'ext0', 'regex', '(vif|tap).*'), [
      'eth0',
      'ext0',
      'vif3',
    ]);
    assert.deepEqual(from('regex', 'th'), []);
  });

  it('knows a link that comes later', () => {
    const { wants, names } = selectionOf(['eth0', 'regex', 'vif[0-9]+']);
    assert.deepEqual([wants('vif9'), wants('vifx'), wants('eth0'), names], [true, false, true, ['eth0']]);
  });

  it('says which expression is none, and refuses one of any length', () => {
    assert.throws(() => selectionOf(['regex', '(a']), /'\(a' is no regular expression: /);
    assert.throws(() => selectionOf(['regex', 'a'.repeat(300)]), /longer than 256/);
    assert.deepEqual(namesIn(['e0', 'regex', '(a']), []);
  });
});
