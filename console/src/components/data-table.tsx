import { Checkbox, Table, VisuallyHidden } from '@mantine/core';
import { IconArrowDown, IconArrowsSort, IconArrowUp } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './data-table.module.css';

/** A column: its heading, and its cell of a row. */
export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  /** Name of the order in the list's `sort`, when it can be sorted by this column. */
  readonly sort?: string;
  readonly align?: 'right';
  readonly width?: number | string;
  /** True: the heading is read out, not shown (menus). */
  readonly isUnnamed?: boolean;
}

interface DataTableProps<Row> {
  /** What it lists, for its accessible name: `API projects`. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** Called on a double click; the row's name is a link besides. */
  readonly onOpen?: (row: Row) => void;
  readonly sort?: string;
  readonly onSort?: (sort: string) => void;
  readonly selected?: ReadonlySet<string>;
  readonly onSelect?: (keys: ReadonlySet<string>) => void;
  /** What a row's tick box is called. */
  readonly rowTitle?: (row: Row) => string;
  /** Key of the row that is open beside the table. */
  readonly current?: string | undefined;
}

/** A table of rows. Sorting and paging are the server's. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowKey, onOpen, selected, onSelect, rowTitle, current } = props;
  const keys = rows.map(rowKey);
  const all = selected !== undefined && keys.length > 0 && keys.every((key) => selected.has(key));
  const some = selected !== undefined && keys.some((key) => selected.has(key));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a container that scrolls must be reachable by keyboard
    <section className={classes.scroll} aria-label={label} tabIndex={0}>
      <Table className={classes.table} aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {selected !== undefined && (
              <Table.Th w={36}>
                <Checkbox
                  size="xs"
                  aria-label="Select all on this page"
                  checked={all}
                  indeterminate={some && !all}
                  onChange={() => onSelect?.(all ? new Set() : new Set(keys))}
                />
              </Table.Th>
            )}
            {columns.map((column) => (
              <Heading key={column.id} column={column} sort={props.sort} onSort={props.onSort} />
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => {
            const key = rowKey(row);
            return (
              <Table.Tr
                key={key}
                className={classes.row ?? ''}
                data-selected={selected?.has(key) || current === key || undefined}
                onDoubleClick={() => onOpen?.(row)}
              >
                {selected !== undefined && (
                  <Table.Td className={classes.narrow ?? ''}>
                    <Checkbox
                      size="xs"
                      aria-label={`Select ${rowTitle?.(row) ?? key}`}
                      checked={selected.has(key)}
                      onChange={() => onSelect?.(toggled(selected, key))}
                    />
                  </Table.Td>
                )}
                {columns.map((column) => (
                  <Table.Td key={column.id} className={cellClass(column)}>
                    {column.cell(row)}
                  </Table.Td>
                ))}
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </section>
  );
}

function Heading<Row>({
  column,
  sort,
  onSort,
}: {
  readonly column: Column<Row>;
  readonly sort: string | undefined;
  readonly onSort: ((sort: string) => void) | undefined;
}) {
  const order = column.sort;
  const isAscending = order !== undefined && sort === order;
  const isDescending = order !== undefined && sort === `-${order}`;
  const Arrow = isAscending ? IconArrowUp : isDescending ? IconArrowDown : IconArrowsSort;
  return (
    <Table.Th
      className={column.align === 'right' ? (classes.right ?? '') : ''}
      {...(column.width !== undefined && { w: column.width })}
      {...(isAscending && { 'aria-sort': 'ascending' as const })}
      {...(isDescending && { 'aria-sort': 'descending' as const })}
    >
      {order === undefined || onSort === undefined ? (
        <ColumnTitle column={column} />
      ) : (
        <button type="button" className={classes.sort} onClick={() => onSort(isAscending ? `-${order}` : order)}>
          {column.title}
          <Arrow size={13} aria-hidden="true" opacity={isAscending || isDescending ? 1 : 0.45} />
        </button>
      )}
    </Table.Th>
  );
}

function ColumnTitle<Row>({ column }: { readonly column: Column<Row> }) {
  return column.isUnnamed === true ? <VisuallyHidden>{column.title}</VisuallyHidden> : column.title;
}

function toggled(selected: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(selected);
  if (!next.delete(key)) next.add(key);
  return next;
}

function cellClass<Row>({ align, width }: Column<Row>): string {
  if (width !== undefined) return classes.narrow ?? '';
  return align === 'right' ? `${classes.right} num` : '';
}
