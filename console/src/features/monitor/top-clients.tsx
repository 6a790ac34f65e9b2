import { Table, Text } from '@mantine/core';
import type { Monitor } from '#core/model/overview/traffic';
import { formatMs, formatNumber, formatShare } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { Surface } from '../../components/surface.tsx';

/** Who calls most. */
export function TopClients({ numbers }: { readonly numbers: Monitor }) {
  return (
    <Surface title="Top clients">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Client</Table.Th>
            <Table.Th ta="right">Requests</Table.Th>
            <Table.Th ta="right">Failed</Table.Th>
            <Table.Th ta="right">p95</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {numbers.topClients.map(({ clientId, name, displayName, requests, failed, p95 }) => (
            <Table.Tr key={clientId}>
              <Table.Td>
                {name === undefined ? displayName : <Link to={`/clients/${name}`}>{displayName}</Link>}
              </Table.Td>
              <Table.Td ta="right" className="num">
                {formatNumber(requests)}
              </Table.Td>
              <Table.Td ta="right" className="num">
                <Text span size="sm" {...(failed > 0 && { c: 'var(--warn)', fw: 600 })}>
                  {formatShare(failed, requests)}
                </Text>
              </Table.Td>
              <Table.Td ta="right" className="num">
                {formatMs(p95)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Surface>
  );
}
