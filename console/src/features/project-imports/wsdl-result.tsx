import { Title } from '@mantine/core';
import type { WsdlPreview } from '#core/model/import';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { plural } from '../../components/format.ts';
import classes from './imports.module.css';
import { NotUsed } from './what-was-read.tsx';
import type { WsdlValues } from './wsdl-steps.tsx';

/** What Finish makes of a WSDL. */
export function WsdlResult({ values, preview }: { readonly values: WsdlValues; readonly preview: WsdlPreview }) {
  const { displayName, contextPath, targetUrl, secureWith, scopes, service, port } = values;
  const found = preview.services.find(({ name }) => name === service)?.ports.find(({ name }) => name === port);
  const operations = found?.operations ?? [];
  const needs = scopes.length === 0 ? '' : `, with the scopes ${scopes.join(' ')}`;
  return (
    <>
      <dl className={classes.facts}>
        <dt>Project</dt>
        <dd>{displayName.trim()}</dd>
        <dt>Path</dt>
        <dd className="mono">{contextPath.trim()}</dd>
        <dt>Target</dt>
        <dd className="mono">{targetUrl.trim()}</dd>
        <dt>Port</dt>
        <dd>
          {port} of {service}
          {found !== undefined && `, SOAP ${found.soap}`}
        </dd>
        <dt>Security</dt>
        <dd>{secureWith === 'oauth' ? `OAuth 2.0 Access Tokens${needs}` : 'None: anyone can call it'}</dd>
        <dt>Resource</dt>
        <dd>DefaultResource passes POST through; callers with SOAP get refusals as SOAP faults.</dd>
      </dl>
      <div>
        <Title order={2} size="h3" mb={4}>
          {plural(operations.length, 'operation', 'operations')}
        </Title>
        <div className={`surface ${classes.scroll}`}>
          <DataTable label="Operations" columns={COLUMNS} rows={operations} rowKey={({ name }) => name} />
        </div>
      </div>
      <NotUsed unused={preview.unused} />
    </>
  );
}

type Operation = WsdlPreview['services'][number]['ports'][number]['operations'][number];

const COLUMNS: readonly Column<Operation>[] = [
  { id: 'name', title: 'Operation', cell: ({ name }) => name },
  {
    id: 'action',
    title: 'SOAPAction',
    cell: ({ soapAction }) => <span className="mono">{soapAction === '' ? '–' : soapAction}</span>,
  },
  { id: 'style', title: 'Style', cell: ({ style }) => style },
];
