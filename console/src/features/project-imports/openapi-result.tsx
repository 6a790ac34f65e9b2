import { Text, Title } from '@mantine/core';
import type { ImportedResource, OpenApiPreview } from '#core/model/import';
import { Status } from '../../components/badges.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { formatNumber } from '../../components/format.ts';
import classes from './imports.module.css';
import type { OpenApiValues } from './openapi-steps.tsx';
import { NotUsed } from './what-was-read.tsx';

/** How many resources the preview lists: a page with thousands of rows would stand still. */
const LISTED = 100;

/** What Finish makes. */
export function OpenApiResult({
  values,
  preview,
}: {
  readonly values: OpenApiValues;
  readonly preview: OpenApiPreview;
}) {
  const chosen = chosenOf(values, preview);
  const isSecured = values.secureWith === 'oauth';
  const resources = [{ ...DEFAULT_ROW }, ...chosen];
  return (
    <>
      <dl className={classes.facts}>
        <dt>Project</dt>
        <dd>{values.displayName.trim()}</dd>
        <dt>Path</dt>
        <dd className="mono">{values.contextPath.trim()}</dd>
        <dt>Target</dt>
        <dd className="mono">{values.targetUrl.trim()}</dd>
        <dt>Security</dt>
        <dd>{isSecured ? 'OAuth 2.0 Access Tokens, with the scopes of each operation' : 'None: anyone can call it'}</dd>
      </dl>
      <div>
        <Title order={2} size="h3" mb={4}>
          {formatNumber(resources.length)} {resources.length === 1 ? 'resource' : 'resources'}
        </Title>
        <div className={`surface ${classes.scroll}`}>
          <DataTable
            label="Resources that are made"
            columns={isSecured ? [...COLUMNS, SCOPES] : COLUMNS}
            rows={resources.slice(0, LISTED)}
            rowKey={({ key }) => key}
          />
        </div>
        {resources.length > LISTED && (
          <Text size="sm" c="dimmed" mt={4}>
            And {formatNumber(resources.length - LISTED)} more.
          </Text>
        )}
      </div>
      <NotUsed unused={preview.unused} />
    </>
  );
}

type Row = Pick<ImportedResource, 'key' | 'displayName' | 'path' | 'methods' | 'scopes' | 'scopeMatch' | 'public'>;

const DEFAULT_ROW: Row = {
  key: 'default',
  displayName: 'DefaultResource',
  path: '/*',
  methods: [],
  scopes: [],
  scopeMatch: 'all',
  public: false,
};

const COLUMNS: readonly Column<Row>[] = [
  { id: 'name', title: 'Resource', cell: ({ displayName }) => displayName },
  {
    id: 'methods',
    title: 'Methods',
    cell: ({ methods }) => <span className="mono">{methods.length === 0 ? 'ALL' : methods.join(' ')}</span>,
  },
  { id: 'path', title: 'Path', cell: ({ path }) => <span className="mono">{path}</span> },
];

const SCOPES: Column<Row> = {
  id: 'token',
  title: 'Token',
  cell: ({ public: isPublic, scopes, scopeMatch }) => {
    if (isPublic) return <Status tone="orange">None needed</Status>;
    if (scopes.length === 0) return 'any token';
    return (
      <>
        {scopes.length > 1 && (scopeMatch === 'any' ? 'any of ' : 'all of ')}
        <span className="mono">{scopes.join(' ')}</span>
      </>
    );
  },
};

function chosenOf({ choose, tags }: OpenApiValues, { resources }: OpenApiPreview): readonly Row[] {
  if (choose === 'default') return [];
  return choose === 'all' ? resources : resources.filter((resource) => resource.tags.some((tag) => tags.includes(tag)));
}
