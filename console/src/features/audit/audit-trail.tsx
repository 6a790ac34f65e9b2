import { Button, Group, Select } from '@mantine/core';
import { useState } from 'react';
import type { AuditEntry } from '#core/model/audit-entry';
import { useRight } from '../../api/session.ts';
import type { Column } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ExportMenu } from '../../components/export-menu.tsx';
import { ListView } from '../../components/list-view.tsx';
import { Moment } from '../../components/moment.tsx';
import { Page } from '../../components/page.tsx';
import { Empty } from '../../components/states.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { AuditCheck } from './audit-check.tsx';
import { EntryDetails } from './entry-details.tsx';

const FILTERS = ['actor', 'objectKind', 'objectId', 'objectName', 'operation', 'via', 'from', 'to'];

/** By which way something was done, in words. */
const WAYS: Readonly<Record<AuditEntry['via'], string>> = {
  console: 'Console',
  api: 'API key',
  socket: 'Command line here',
  system: 'Gatewright itself',
};

const KINDS = [
  'project',
  'policy',
  'resource',
  'target',
  'deployment',
  'server-group',
  'gateway',
  'product',
  'client',
  'subscription',
  'user',
  'management-key',
  'identity-provider',
  'settings',
];

/** The audit trail: every change, by whom, with before and after (console.md §4.22). */
export function AuditTrail() {
  const [url, setUrl] = useUrlState();
  const [open, setOpen] = useState<AuditEntry>();
  const right = useRight('audit:read');
  if (!right.allowed)
    return (
      <Page title="Audit trail">
        <div className="surface">
          <Empty title="The audit trail is not shown to you">{right.reason}.</Empty>
        </div>
      </Page>
    );
  const columns: readonly Column<AuditEntry>[] = [
    { id: 'when', title: 'When', cell: (entry) => <Moment at={entry.at} exact /> },
    { id: 'who', title: 'Who', cell: (entry) => entry.actor },
    { id: 'what', title: 'What', cell: (entry) => entry.sentence },
    { id: 'via', title: 'From', cell: (entry) => <span className="nowrap">{WAYS[entry.via]}</span> },
    {
      id: 'diff',
      title: 'Change',
      isUnnamed: true,
      align: 'right',
      cell: (entry) => (
        <Button
          size="compact-sm"
          variant="subtle"
          onClick={() => setOpen(entry)}
          aria-label={`See change ${entry.seq}`}
        >
          See change
        </Button>
      ),
    },
  ];
  return (
    <Page
      title="Audit trail"
      description="Every change, written together with it. Entries are chained: what is rewritten or cut off is found."
      actions={
        <Group gap="xs">
          <AuditCheck />
          <ExportMenu
            address="/audit/export"
            note="With these filters, oldest first"
            formats={['csv', 'json', 'jsonl']}
          />
        </Group>
      }
    >
      <ListView<AuditEntry>
        address="/audit"
        what="changes"
        columns={columns}
        rowKey={(entry) => entry.id}
        onOpen={setOpen}
        filters={FILTERS}
        filterControls={
          <>
            <Select
              size="xs"
              w={170}
              aria-label="Kind of object"
              placeholder="Any object"
              clearable
              searchable
              data={KINDS}
              value={url.objectKind ?? null}
              onChange={(objectKind) => setUrl({ objectKind: objectKind ?? undefined, cursor: undefined })}
            />
            <Select
              size="xs"
              w={170}
              aria-label="From where"
              placeholder="From anywhere"
              clearable
              data={Object.entries(WAYS).map(([value, label]) => ({ value, label }))}
              value={url.via ?? null}
              onChange={(via) => setUrl({ via: via ?? undefined, cursor: undefined })}
            />
          </>
        }
        empty={<Empty title="No changes yet">Whatever somebody changes from now on stands here.</Empty>}
      />
      <Dialog title={open?.sentence ?? ''} size="xl" isOpen={open !== undefined} onClose={() => setOpen(undefined)}>
        {open !== undefined && <EntryDetails entry={open} way={WAYS[open.via]} />}
      </Dialog>
    </Page>
  );
}
