import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyStyle, colorDepth, type Style } from '../../../../../src/client/tui/text/style.ts';

describe('colours', () => {
  it('are as many as the terminal has', () => {
    assert.equal(colorDepth({ TERM: 'xterm-256color' }), '256');
    assert.equal(colorDepth({ TERM: 'screen' }), '16');
    assert.equal(colorDepth({ TERM: 'xterm', COLORTERM: 'truecolor' }), '256');
  });

  it('are none with NO_COLOR, unless it is empty', () => {
    assert.equal(colorDepth({ TERM: 'xterm-256color', NO_COLOR: '1' }), 'none');
    assert.equal(colorDepth({ TERM: 'xterm-256color', NO_COLOR: '' }), '256');
  });

  it('without colours, sets no colour', () => {
    const styles: Style[] = ['dim', 'title', 'bad', 'warn', 'heat5', 'focus', 'sorted', 'rule'];
    for (const style of styles)
      assert.doesNotMatch(applyStyle('x', style, 'none'), /\[(\d+;)*(3[0-79]|38|9\d)[;m]/, style);
  });

  it('in 16 colours, uses none beyond', () => assert.ok(!applyStyle('x', 'bad', '16').includes('38;5')));
});
