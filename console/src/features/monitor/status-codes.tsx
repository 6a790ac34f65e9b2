import { Table, Text } from '@mantine/core';
import type { Monitor } from '#core/model/overview/traffic';
import { formatNumber, formatShare } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { Surface } from '../../components/surface.tsx';
import { useUrlState } from '../../components/url-state.ts';
import classes from './monitor.module.css';

/** Status codes and reasons, each a way into the request log. */
export function StatusCodes({ numbers }: { readonly numbers: Monitor }) {
  const [{ project, serverGroup }] = useUrlState();
  const most = Math.max(1, ...numbers.statuses.map(({ requests }) => requests));
  const base = { ...(project !== undefined && { project }), ...(serverGroup !== undefined && { serverGroup }) };
  return (
    <Surface title="Status codes">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Code</Table.Th>
            <Table.Th w="50%">Share</Table.Th>
            <Table.Th ta="right">Requests</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {numbers.statuses.map(({ status, requests }) => (
            <Table.Tr key={status}>
              <Table.Td>
                <Link to="/requests" search={{ ...base, status: String(status) } as never} className="num">
                  {status}
                </Link>
              </Table.Td>
              <Table.Td>
                <div className={classes.bar} role="img" aria-label={formatShare(requests, numbers.totals.requests)}>
                  <i style={{ width: `${(100 * requests) / most}%`, background: `var(${toneOf(status)})` }} />
                </div>
              </Table.Td>
              <Table.Td ta="right" className="num">
                {formatNumber(requests)}
              </Table.Td>
            </Table.Tr>
          ))}
          {numbers.reasons.map(({ code, title, requests }) => (
            <Table.Tr key={code}>
              <Table.Td colSpan={2}>
                <Link to="/requests" search={{ ...base, code } as never}>
                  {title}
                </Link>{' '}
                <Text span size="xs" c="dimmed" className="mono">
                  {code}
                </Text>
              </Table.Td>
              <Table.Td ta="right" className="num">
                {formatNumber(requests)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Surface>
  );
}

function toneOf(status: number): string {
  if (status >= 500) return '--bad';
  return status >= 400 ? '--warn' : '--ok';
}
