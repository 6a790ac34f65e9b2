import { Stack, Table, Text } from '@mantine/core';
import type { AuditEntry } from '#core/model/audit-entry';
import { formatTimeInFull } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';

/** Where objects of a kind are looked at, by their name. */
const PLACES: Readonly<Record<string, string>> = {
  project: '/projects/',
  product: '/products/',
  client: '/clients/',
  subscription: '/subscriptions/',
  'server-group': '/server-groups/',
  user: '/settings/users/',
};

/** A change: each field with its value before and after. */
export function EntryDetails({ entry, way }: { readonly entry: AuditEntry; readonly way: string }) {
  const rows = differences(entry.before, entry.after);
  const place = PLACES[entry.objectKind];
  return (
    <Stack>
      <Text size="sm">
        {entry.actor}, {formatTimeInFull(entry.at)}. From: {way}.{' '}
        {place !== undefined && <Link to={`${place}${entry.objectName}`}>{entry.objectName}</Link>}
      </Text>
      {rows.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a container that scrolls must be reachable by keyboard
        <section style={{ overflowX: 'auto' }} tabIndex={0} aria-label="Changed fields">
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Field</Table.Th>
                <Table.Th>Before</Table.Th>
                <Table.Th>After</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map(({ field, before, after }) => (
                <Table.Tr key={field}>
                  <Table.Td className="mono">{field}</Table.Td>
                  <Table.Td className="mono" style={{ overflowWrap: 'anywhere' }}>
                    {shown(before)}
                  </Table.Td>
                  <Table.Td className="mono" style={{ overflowWrap: 'anywhere' }}>
                    {shown(after)}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </section>
      )}
      <Text size="xs" c="dimmed" className="mono" style={{ overflowWrap: 'anywhere' }}>
        {entry.operation} · entry {entry.seq} · {entry.hash}
        {entry.requestId !== undefined && ` · ${entry.requestId}`}
      </Text>
    </Stack>
  );
}

interface Difference {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Bookkeeping that changes with every change. */
const SILENT = ['revision', 'updatedAt', 'updatedBy'];

function differences(before: unknown, after: unknown): Difference[] {
  const old = asRecord(before);
  const fresh = asRecord(after);
  return [...new Set([...Object.keys(old), ...Object.keys(fresh)])]
    .filter((field) => !SILENT.includes(field) && JSON.stringify(old[field]) !== JSON.stringify(fresh[field]))
    .map((field) => ({ field, before: old[field], after: fresh[field] }));
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function shown(value: unknown): string {
  if (value === undefined) return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
