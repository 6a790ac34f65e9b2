import { Group, Select, Switch, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { ExchangeRecord } from '#core/model/exchange-record';
import { REASONS } from '#core/reasons/catalogue';
import { useRight } from '../../api/session.ts';
import { ExportMenu } from '../../components/export-menu.tsx';
import { LinkButton } from '../../components/link.tsx';
import { ListView } from '../../components/list-view.tsx';
import { Page } from '../../components/page.tsx';
import { Empty } from '../../components/states.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { ProjectSelect } from '../projects/project-select.tsx';
import { requestColumns } from './request-table.tsx';

/** Everything that the log can be narrowed by; the names are those of the API. */
const FILTERS = [
  'status',
  'code',
  'project',
  'client',
  'subscription',
  'serverGroup',
  'gateway',
  'version',
  'address',
  'minMs',
  'since',
  'until',
];

const STATUSES = [
  '2xx',
  '3xx',
  '4xx',
  '5xx',
  '400',
  '401',
  '403',
  '404',
  '405',
  '413',
  '429',
  '500',
  '502',
  '503',
  '504',
];

/** The request log (console.md §4.19). */
export function RequestLog() {
  const [url, setUrl] = useUrlState();
  const [isTail, setTail] = useState(true);
  const navigate = useNavigate();
  const right = useRight('requests:read');
  const set = (name: string) => (value: string | null | undefined) =>
    setUrl({ [name]: value ?? undefined, cursor: undefined });
  if (!right.allowed)
    return (
      <Page title="Request log">
        <div className="surface">
          <Empty title="The request log is not shown to you">{right.reason}. The Monitor shows the numbers.</Empty>
        </div>
      </Page>
    );
  return (
    <Page
      title="Request log"
      description="What the gateways answered, and why. Every refusal has a reason."
      actions={
        <Group gap="xs">
          <Switch label="Live" checked={isTail} onChange={(event) => setTail(event.currentTarget.checked)} />
          <ExportMenu
            address="/requests/export"
            note="The newest 10 000 with these filters"
            formats={['csv', 'json']}
          />
        </Group>
      }
    >
      <ListView<ExchangeRecord>
        address="/requests"
        what="requests"
        columns={requestColumns}
        rowKey={(record) => record.id}
        onOpen={(record) => void navigate({ to: `/requests/${record.id}` })}
        filters={FILTERS}
        {...(isTail && url.cursor === undefined && { refreshMs: 3_000 })}
        filterControls={
          <>
            <Select
              size="xs"
              w={120}
              aria-label="Status"
              placeholder="Any status"
              clearable
              searchable
              data={withCurrent(STATUSES, url.status)}
              value={url.status ?? null}
              onChange={set('status')}
            />
            <Select
              size="xs"
              w={200}
              aria-label="Reason code"
              placeholder="Any reason"
              clearable
              searchable
              data={withCurrent(Object.keys(REASONS), url.code)}
              value={url.code ?? null}
              onChange={set('code')}
            />
            <ProjectSelect size="xs" value={url.project} onChange={set('project')} />
            <Filter name="client" label="Client" value={url.client} onChange={set('client')} />
            <Filter name="gateway" label="Gateway" value={url.gateway} onChange={set('gateway')} />
            <Filter name="address" label="Address" value={url.address} onChange={set('address')} />
            <Filter name="minMs" label="Took over (ms)" value={url.minMs} onChange={set('minMs')} />
          </>
        }
        empty={
          <Empty title="No requests yet" actions={<LinkButton to="/try">Try it</LinkButton>}>
            Requests appear here within seconds of their answer. Make a call, or wait for the first client.
          </Empty>
        }
      />
    </Page>
  );
}

/** A filter that is typed: it counts when the field is left, or on Enter. */
function Filter({
  name,
  label,
  value = '',
  onChange,
}: {
  readonly name: string;
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}) {
  return (
    <TextInput
      key={`${name} ${value}`}
      size="xs"
      w={120}
      aria-label={label}
      placeholder={label}
      defaultValue={value}
      onBlur={(event) =>
        event.currentTarget.value.trim() !== value && onChange(event.currentTarget.value.trim() || undefined)
      }
      onKeyDown={(event) => event.key === 'Enter' && onChange(event.currentTarget.value.trim() || undefined)}
    />
  );
}

function withCurrent(options: readonly string[], current: string | undefined): string[] {
  return current === undefined || options.includes(current) ? [...options] : [current, ...options];
}
