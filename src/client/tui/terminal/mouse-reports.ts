import type { MouseEvent } from '../input/mouse-event.ts';

const WHEEL = ['wheelup', 'wheeldown', 'wheelleft', 'wheelright'] as const;
const MOTION_BIT = 32;
const WHEEL_BIT = 64;
const RELEASE = 3;

/** Decodes a mouse report, in the requested form (SGR) or the older numeric one; undefined: it is none. */
export function mouseReport(parameters: string, final: string): MouseEvent | undefined {
  if (final !== 'M' && final !== 'm') return undefined;
  const isSgr = parameters.startsWith('<');
  const numbers = (isSgr ? parameters.slice(1) : parameters).split(';').map(Number);
  const [code = 0, x = 0, y = 0] = numbers;
  if (numbers.length !== 3 || !numbers.every((one) => Number.isInteger(one))) return undefined;
  const isReleased = isSgr ? final === 'm' : (code & RELEASE) === RELEASE;
  return { action: actionOf(code, isReleased), x: x - 1, y: y - 1 };
}

function actionOf(code: number, isReleased: boolean): MouseEvent['action'] {
  if (code & WHEEL_BIT) return WHEEL[(code & 3) as 0 | 1 | 2 | 3];
  if (code & MOTION_BIT) return 'mousemove';
  return isReleased ? 'mouseup' : 'mousedown';
}
