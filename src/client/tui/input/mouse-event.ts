export interface MouseEvent {
  readonly action: 'mousedown' | 'mouseup' | 'mousemove' | 'wheelup' | 'wheeldown' | 'wheelleft' | 'wheelright';
  /** Cells are counted from 0. */
  readonly x: number;
  readonly y: number;
}
