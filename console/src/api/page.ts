/** A page of a list, as the management API answers it. */
export interface ListPage<Item> {
  readonly items: readonly Item[];
  /** Cursor of the next page. */
  readonly next?: string;
  readonly total?: number;
}
