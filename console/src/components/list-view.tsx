import { Button, CloseButton, Group, Select, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import type { Query } from '../api/client.ts';
import type { ListPage } from '../api/page.ts';
import classes from './data-table.module.css';
import { type Column, DataTable } from './data-table.tsx';
import { formatNumber } from './format.ts';
import { Lines, Loaded, useApi } from './loaded.tsx';
import { Empty } from './states.tsx';
import { useUrlState } from './url-state.ts';

interface ListViewProps<Row> {
  /** Path of the list in the API. */
  readonly address: string;
  /** What is listed, in the plural, as read in sentences: `API projects`. */
  readonly what: string;
  readonly columns: readonly Column<Row>[];
  readonly rowKey: (row: Row) => string;
  readonly onOpen?: (row: Row) => void;
  readonly rowTitle?: (row: Row) => string;
  readonly defaultSort?: string;
  /** Fixed conditions, that are not in the address. */
  readonly fixed?: Query;
  /** Names of the filters that the address may hold, beside q, sort, limit and page. */
  readonly filters?: readonly string[];
  /** Controls of the filters, beside the search field. */
  readonly filterControls?: ReactNode;
  readonly hasSearch?: boolean;
  /** Shown when there is nothing at all. */
  readonly empty: ReactNode;
  /** Acts on the rows that are ticked; left out: rows have no tick boxes. */
  readonly bulk?: (selected: readonly Row[], done: () => void) => ReactNode;
  readonly refreshMs?: number;
  /** Another way to show the rows (cards). */
  readonly render?: (rows: readonly Row[]) => ReactNode;
}

const PAGE_SIZES = ['25', '50', '100'];

/** A list: search, filters, order and page are in the address; the server does them all. */
export function ListView<Row>(props: ListViewProps<Row>) {
  const { what, fixed, filters = [], bulk, hasSearch = true } = props;
  const [url, setUrl] = useUrlState();
  // Cursors of the pages before this one: the API pages forwards only.
  const [before, setBefore] = useState<readonly (string | undefined)[]>([]);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const asked = Object.fromEntries(filters.map((name) => [name, url[name]]));
  const sort = url.sort ?? props.defaultSort;
  const query: Query = {
    ...fixed,
    ...asked,
    q: hasSearch ? url.q : undefined,
    sort,
    limit: url.limit,
    cursor: url.cursor,
  };
  const result = useApi<ListPage<Row>>(props.address, {
    query,
    ...(props.refreshMs !== undefined && { refreshMs: props.refreshMs }),
  });
  const isFiltered = (hasSearch && url.q !== undefined) || filters.some((name) => url[name] !== undefined);
  const clear = () =>
    setUrl({ q: undefined, cursor: undefined, ...Object.fromEntries(filters.map((name) => [name, undefined])) });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page or filter shows other rows
  useEffect(() => setSelected(new Set()), [JSON.stringify(query)]);

  return (
    <div className="surface">
      {(hasSearch || props.filterControls !== undefined) && (
        <search className={classes.bar}>
          {hasSearch && (
            <SearchField what={what} value={url.q ?? ''} onChange={(q) => setUrl({ q, cursor: undefined })} />
          )}
          {props.filterControls}
          {isFiltered && (
            <Button variant="subtle" size="compact-sm" onClick={clear}>
              Clear filters
            </Button>
          )}
        </search>
      )}
      <Loaded
        result={result}
        what={what}
        skeleton={
          <Group p="md">
            <Lines count={8} />
          </Group>
        }
      >
        {(page) => {
          if (page.items.length === 0 && isFiltered)
            return (
              <Empty
                title="Nothing matches"
                actions={
                  <Button variant="default" onClick={clear}>
                    Clear filters
                  </Button>
                }
              >
                No {what} with these filters.
              </Empty>
            );
          if (page.items.length === 0 && url.cursor === undefined) return props.empty;
          const chosen = page.items.filter((row) => selected.has(props.rowKey(row)));
          return (
            <>
              {chosen.length > 0 && (
                <div className={classes.bar} role="toolbar" aria-label="Acts on the selected">
                  <Text size="sm">{formatNumber(chosen.length)} selected</Text>
                  {bulk?.(chosen, () => setSelected(new Set()))}
                </div>
              )}
              {props.render?.(page.items) ?? (
                <DataTable
                  label={what}
                  columns={props.columns}
                  rows={page.items}
                  rowKey={props.rowKey}
                  {...(props.onOpen && { onOpen: props.onOpen })}
                  {...(props.rowTitle && { rowTitle: props.rowTitle })}
                  {...(sort !== undefined && { sort })}
                  onSort={(next) => setUrl({ sort: next, cursor: undefined })}
                  {...(bulk && { selected, onSelect: setSelected })}
                />
              )}
              <div className={classes.foot}>
                <span className="num">
                  {formatNumber(page.items.length)}
                  {page.total !== undefined && ` of ${formatNumber(page.total)}`}
                </span>
                <Group gap="xs">
                  <Select
                    size="xs"
                    w={92}
                    aria-label="Rows on a page"
                    data={PAGE_SIZES}
                    value={url.limit ?? '50'}
                    allowDeselect={false}
                    onChange={(limit) => setUrl({ limit: limit ?? undefined, cursor: undefined })}
                  />
                  <Button
                    size="compact-sm"
                    variant="default"
                    disabled={url.cursor === undefined}
                    onClick={() => {
                      setUrl({ cursor: before.at(-1) });
                      setBefore(before.slice(0, -1));
                    }}
                  >
                    Previous
                  </Button>
                  <Button
                    size="compact-sm"
                    variant="default"
                    disabled={page.next === undefined}
                    onClick={() => {
                      setBefore([...before, url.cursor]);
                      setUrl({ cursor: page.next });
                    }}
                  >
                    Next
                  </Button>
                </Group>
              </div>
            </>
          );
        }}
      </Loaded>
    </div>
  );
}

/** The search field of a list: asks when typing pauses. */
function SearchField({
  what,
  value,
  onChange,
}: {
  readonly what: string;
  readonly value: string;
  readonly onChange: (q: string | undefined) => void;
}) {
  const [text, setText] = useState(value);
  const tell = useDebouncedCallback((next: string) => onChange(next.trim() === '' ? undefined : next.trim()), 250);
  useEffect(() => setText(value), [value]);
  const set = (next: string) => {
    setText(next);
    tell(next);
  };
  return (
    <TextInput
      size="xs"
      w={280}
      type="search"
      aria-label={`Search ${what}`}
      placeholder={`Search ${what}`}
      leftSection={<IconSearch size={14} />}
      rightSection={
        text === '' ? undefined : <CloseButton size="xs" aria-label="Clear the search" onClick={() => set('')} />
      }
      value={text}
      onChange={(event) => set(event.currentTarget.value)}
    />
  );
}
