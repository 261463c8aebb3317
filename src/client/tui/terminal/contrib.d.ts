// blessed-contrib's typings cover its index only; importing one widget starts in half the time.
declare module 'blessed-contrib/lib/widget/table.js' {
  import type { Widgets } from 'blessed';

  interface ContribTable extends Widgets.BoxElement {
    readonly rows: Widgets.ListElement;
    readonly options: { columnWidth: readonly number[] };
    setData(table: { headers: readonly string[]; data: readonly (readonly string[])[] }): void;
  }
  const table: (options: object) => ContribTable;
  export default table;
  export type { ContribTable };
}
