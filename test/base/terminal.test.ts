import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hasColours, painter, visible, visibleLines } from '../../core/base/terminal.ts';

describe('text of others on a terminal', () => {
  it('shows what would move the cursor, hide or reorder text, and leaves the rest alone', () => {
    assert.equal(
      visible('a\x1b[2Jb\nc\td\x9b\x7f\u202e\u2028é漢😀\\n'),
      'a\\e[2Jb\\nc\\td\\x9b\\x7f\\u{202e}\\u{2028}é漢😀\\n',
    );
    assert.equal(visibleLines('a\r\n\tb\x1b'), 'a\\r\n\tb\\e');
  });

  it('has no control character left, whatever it was, and lone surrogates can be encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        assert.doesNotMatch(visible(text), /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        assert.equal(Buffer.from(visible(text)).toString(), visible(text));
      }),
    );
    assert.equal(visible('\ud800'), '\\u{d800}');
  });

  it('is painted only on a terminal that has colours, and never where NO_COLOR is set', () => {
    assert.equal(hasColours({ isTTY: true }, {}), true);
    assert.equal(hasColours({ isTTY: true }, { NO_COLOR: '1' }), false);
    assert.equal(hasColours({ isTTY: true }, { TERM: 'dumb' }), false);
    assert.equal(hasColours({ isTTY: false }, {}), false);
    assert.equal(painter(false)('red', 'x'), 'x');
    assert.equal(painter(true)('red', 'x'), '\x1b[31mx\x1b[0m');
  });
});
