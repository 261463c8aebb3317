/** A test of numbers. Unknown never matches: it is not 0. */
export type NumberPredicate = (value: number | undefined) => boolean;

/** ">1M", "<=10k", "=0", or a bare number, which means "at least". Undefined: none of these. */
export function compileComparison(
  text: string,
  parse: (text: string) => number | undefined,
): NumberPredicate | undefined {
  const operator = /^(>=|<=|>|<|=)?/.exec(text)?.[0] ?? '';
  const bound = parse(text.slice(operator.length).trim());
  if (bound === undefined) return undefined;
  switch (operator) {
    case '>':
      return (value) => value !== undefined && value > bound;
    case '<':
      return (value) => value !== undefined && value < bound;
    case '<=':
      return (value) => value !== undefined && value <= bound;
    case '=':
      return (value) => value === bound;
    default:
      return (value) => value !== undefined && value >= bound;
  }
}

const DECIMAL: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12, p: 1e15, e: 1e18 };

/** "1500", "1.5M", "10 kB", "2Gi", "3 MB/s": powers of 1000, with an i of 1024. */
export function parseSize(text: string): number | undefined {
  const parts = /^(\d+(?:\.\d*)?|\.\d+)\s*([kmgtpe]?)(i?)b?(?:\/s)?$/i.exec(text);
  if (!parts) return undefined;
  const [, number = '', prefix = '', binary = ''] = parts;
  if (binary !== '' && prefix === '') return undefined;
  const decimal = DECIMAL[prefix.toLowerCase()] ?? 1;
  const factor = binary === '' ? decimal : 1024 ** Math.round(Math.log10(decimal) / 3);
  return Number(number) * factor;
}
