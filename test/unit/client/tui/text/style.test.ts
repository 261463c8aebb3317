import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { colourDepth, paint, type Style } from '../../../../../src/client/tui/text/style.ts';

describe('colours', () => {
  it('are as many as the terminal has', () => {
    assert.equal(colourDepth({ TERM: 'xterm-256color' }), '256');
    assert.equal(colourDepth({ TERM: 'screen' }), '16');
    assert.equal(colourDepth({ TERM: 'xterm', COLORTERM: 'truecolor' }), '256');
  });

  it('are none with NO_COLOR, unless it is empty', () => {
    assert.equal(colourDepth({ TERM: 'xterm-256color', NO_COLOR: '1' }), 'none');
    assert.equal(colourDepth({ TERM: 'xterm-256color', NO_COLOR: '' }), '256');
  });

  it('without colours, sets no colour', () => {
    const styles: Style[] = ['dim', 'title', 'bad', 'warn', 'heat5', 'focus', 'sorted', 'rule'];
    for (const style of styles) assert.doesNotMatch(paint('x', style, 'none'), /\[(\d+;)*(3[0-79]|38|9\d)[;m]/, style);
  });

  it('in 16 colours, uses none beyond', () => assert.ok(!paint('x', 'bad', '16').includes('38;5')));
});
