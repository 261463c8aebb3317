/**
 * Turns a captured screen into a picture: `tmux capture-pane -e -p | node scripts/ansi-to-svg.ts >docs/console.svg`.
 * Understands what a capture holds: text and SGR sequences (16, 256 and true colours, bold, dim, underline, reverse).
 */
import { text } from 'node:stream/consumers';
import { shapeOf } from './glyphs.ts';

const CELL_WIDTH = 8.4;
const CELL_HEIGHT = 18;
const FOREGROUND = '#d8dee9';
const BACKGROUND = '#11151c';
const BASIC = [
  '#3b4252',
  '#e06c75',
  '#98c379',
  '#e5c07b',
  '#61afef',
  '#c678dd',
  '#56b6c2',
  '#abb2bf',
  '#5c6370',
  '#ff7b86',
  '#b5e890',
  '#ffd68a',
  '#82c7ff',
  '#dd9bf0',
  '#7fd8e3',
  '#ffffff',
];

interface Style {
  foreground?: string | undefined;
  background?: string | undefined;
  bold?: boolean;
  dim?: boolean;
  underline?: boolean;
  reverse?: boolean;
}

function colour(index: number): string {
  if (index < 16) return BASIC[index] ?? FOREGROUND;
  if (index >= 232) return grey((index - 232) * 10 + 8);
  const level = (step: number) => (step === 0 ? 0 : step * 40 + 55);
  const cube = index - 16;
  return rgb(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

function grey(level: number): string {
  return rgb(level, level, level);
}

function rgb(...levels: number[]): string {
  return `#${levels.map((level) => level.toString(16).padStart(2, '0')).join('')}`;
}

function restyle(style: Style, codes: number[]): Style {
  let next = { ...style };
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    const side = code === 38 ? 'foreground' : code === 48 ? 'background' : undefined;
    if (side !== undefined && codes[i + 1] === 5) {
      next[side] = colour(codes[i + 2] ?? 0);
      i += 2;
    } else if (side !== undefined && codes[i + 1] === 2) {
      next[side] = rgb(...codes.slice(i + 2, i + 5));
      i += 4;
    } else if (code === 0) next = {};
    else if (code === 1) next.bold = true;
    else if (code === 2) next.dim = true;
    else if (code === 4) next.underline = true;
    else if (code === 7) next.reverse = true;
    else if (code === 22) next = { ...next, bold: false, dim: false };
    else if (code === 24) next.underline = false;
    else if (code === 27) next.reverse = false;
    else if (code >= 30 && code <= 37) next.foreground = colour(code - 30);
    else if (code >= 90 && code <= 97) next.foreground = colour(code - 90 + 8);
    else if (code === 39) next.foreground = undefined;
    else if (code >= 40 && code <= 47) next.background = colour(code - 40);
    else if (code >= 100 && code <= 107) next.background = colour(code - 100 + 8);
    else if (code === 49) next.background = undefined;
  }
  return next;
}

function escapeXml(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Shapes of one colour, of the whole screen: one path each. */
class Shapes {
  readonly #paths = new Map<string, string[]>();

  add(attributes: string, path: string | undefined): void {
    if (!path) return;
    const paths = this.#paths.get(attributes);
    if (paths === undefined) this.#paths.set(attributes, [path]);
    else paths.push(path);
  }

  drawn(): string[] {
    return [...this.#paths].map(([attributes, paths]) => `<path ${attributes} d="${paths.join('')}"/>`);
  }
}

function drawRun(run: string, style: Style, column: number, row: number, papers: Shapes, shapes: Shapes): string {
  const ink = style.foreground ?? FOREGROUND;
  const paper = style.background ?? BACKGROUND;
  const [front, back] = style.reverse ? [paper, ink] : [ink, paper];
  const cells = [...run];
  const y = row * CELL_HEIGHT;
  const opacity = style.dim ? ' opacity="0.6"' : '';
  if (back !== BACKGROUND)
    papers.add(
      `fill="${back}"`,
      `M${(column * CELL_WIDTH).toFixed(1)} ${y}h${(cells.length * CELL_WIDTH).toFixed(1)}v${CELL_HEIGHT}h${(-cells.length * CELL_WIDTH).toFixed(1)}z`,
    );
  let texts = '';
  let from = 0;
  let letters = '';
  const flush = () => {
    const trimmed = letters.trim();
    if (trimmed !== '') {
      const start = column + from + (letters.length - letters.trimStart().length);
      const width = ([...trimmed].length * CELL_WIDTH).toFixed(1);
      const extra = `${style.bold ? ' font-weight="bold"' : ''}${opacity}${style.underline ? ' text-decoration="underline"' : ''}`;
      texts += `<text x="${(start * CELL_WIDTH).toFixed(1)}" y="${y + 13}" fill="${front}" textLength="${width}" lengthAdjust="spacingAndGlyphs"${extra}>${escapeXml(trimmed)}</text>`;
    }
    letters = '';
  };
  for (const [i, character] of cells.entries()) {
    const cell = { x: (column + i) * CELL_WIDTH, y, width: CELL_WIDTH, height: CELL_HEIGHT };
    const shape = shapeOf(character, cell);
    if (shape === undefined) {
      if (letters === '') from = i;
      letters += character;
      continue;
    }
    flush();
    shapes.add(`fill="none" stroke="${front}"${opacity}`, shape.stroke);
    shapes.add(`fill="none" stroke="${front}" stroke-width="2"${opacity}`, shape.heavy);
    shapes.add(`fill="${front}"${opacity}`, shape.fill);
  }
  flush();
  return texts;
}

/** A picture of a screen: its text, with SGR sequences. */
export function ansiToSvg(screen: string): string {
  const lines = screen.trimEnd().split('\n');
  let style: Style = {};
  let columns = 0;
  const texts: string[] = [];
  const papers = new Shapes();
  const shapes = new Shapes();
  lines.forEach((line, row) => {
    let column = 0;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what a capture is made of
    for (const part of line.split(/(\u001b\[[0-9;:]*m)/)) {
      if (part.startsWith('\u001b[')) style = restyle(style, part.slice(2, -1).split(/[;:]/).map(Number));
      else if (part !== '') {
        texts.push(drawRun(part, style, column, row, papers, shapes));
        column += [...part].length;
      }
    }
    columns = Math.max(columns, column);
  });
  const width = Math.ceil(columns * CELL_WIDTH);
  const height = lines.length * CELL_HEIGHT + 4;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" xml:space="preserve">` +
    `<title>A screen of kflow</title><rect width="100%" height="100%" rx="6" fill="${BACKGROUND}"/>${[...papers.drawn(), ...shapes.drawn(), ...texts.filter((one) => one !== '')].join('\n')}</svg>\n`
  );
}

if (import.meta.main) process.stdout.write(ansiToSvg(await text(process.stdin)));
