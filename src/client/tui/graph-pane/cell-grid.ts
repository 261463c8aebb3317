import { repairCells } from '../../format/cells.ts';
import type { Line } from '../text/line.ts';
import type { Style } from '../text/style.ts';

/** Characters with a style each. */
export class CellGrid {
  readonly width: number;
  readonly height: number;
  readonly #characters: string[];
  readonly #styles: (Style | undefined)[];

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#characters = new Array<string>(width * height).fill(' ');
    this.#styles = new Array<Style | undefined>(width * height).fill(undefined);
  }

  set(x: number, y: number, character: string, style?: Style): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    this.#characters[y * this.width + x] = character;
    this.#styles[y * this.width + x] = style;
  }

  write(x: number, y: number, text: string, style?: Style): void {
    for (let i = 0; i < text.length; i++) this.set(x + i, y, text[i] ?? ' ', style);
  }

  lines(): Line[] {
    const lines: Line[] = [];
    for (let y = 0; y < this.height; y++) {
      const line: { text: string; style?: Style }[] = [];
      // A partly overwritten wide character is removed.
      const row = repairCells(this.#characters.slice(y * this.width, (y + 1) * this.width).join(''));
      for (let x = 0; x < this.width; x++) {
        const style = this.#styles[y * this.width + x];
        const last = line.at(-1);
        const character = row.charAt(x);
        if (last && last.style === style) last.text += character;
        else line.push(style === undefined ? { text: character } : { text: character, style });
      }
      lines.push(line);
    }
    return lines;
  }
}
