import { Alert, Group, SegmentedControl, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ExchangeRecord } from '#core/model/exchange-record';
import type { TryAnswer } from '#core/model/try';
import { api, path } from '../../api/client.ts';
import { HttpStatus } from '../../components/badges.tsx';
import { CodeEditor } from '../../components/code-editor.tsx';
import { formatMs, formatNumber } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { Surface } from '../../components/surface.tsx';
import { WhatHappened } from '../requests/what-happened.tsx';

/** What a call answered, and what happened to it on its way. */
export function AnswerView({ answer }: { readonly answer: TryAnswer }) {
  return (
    <Stack>
      <Surface
        title="Answer"
        aside={
          <Group gap="xs">
            <HttpStatus status={answer.status} />
            <Text size="sm" c="dimmed" className="num">
              {formatMs(answer.timing.totalMs)} · {formatNumber(answer.bytes)} bytes
            </Text>
          </Group>
        }
      >
        <Stack gap="sm">
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            <span className="mono">{answer.url}</span>, answered by {answer.gateway}.{' '}
            {answer.requestId !== undefined && <Link to={`/requests/${answer.requestId}`}>Why {answer.status}?</Link>}
          </Text>
          <Text size="xs" c="dimmed" className="num">
            {answer.timing.tokenMs !== undefined && `Token ${formatMs(answer.timing.tokenMs)} · `}
            First byte {formatMs(answer.timing.firstByteMs)} · Last byte {formatMs(answer.timing.totalMs)}
          </Text>
          {answer.isCut && (
            <Alert title="The answer was cut" style={{ borderLeftColor: 'var(--warn)' }}>
              It is longer than 5 MB; this is its beginning.
            </Alert>
          )}
          <Body answer={answer} />
        </Stack>
      </Surface>
      {answer.requestId !== undefined && <Steps requestId={answer.requestId} />}
      <Surface title="Headers">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a container that scrolls must be reachable by keyboard */}
        <section style={{ overflowX: 'auto' }} tabIndex={0} aria-label="Header fields of the answer">
          <Table>
            <Table.Tbody>
              {answer.headers.map(({ name, value }, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a field may stand there twice
                <Table.Tr key={index}>
                  <Table.Th className="mono" scope="row">
                    {name}
                  </Table.Th>
                  <Table.Td className="mono" style={{ overflowWrap: 'anywhere' }}>
                    {value}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </section>
      </Surface>
    </Stack>
  );
}

function Body({ answer }: { readonly answer: TryAnswer }) {
  const [look, setLook] = useState('pretty');
  if (answer.bytes === 0)
    return (
      <Text size="sm" c="dimmed">
        No body.
      </Text>
    );
  if (answer.encoding === 'base64')
    return (
      <Text size="sm" c="dimmed">
        The body is no text ({formatNumber(answer.bytes)} bytes).
      </Text>
    );
  const pretty = prettyOf(answer.body);
  return (
    <Stack gap="xs">
      {pretty !== undefined && (
        <div>
          <SegmentedControl
            size="xs"
            aria-label="How the body is shown"
            data={[
              { value: 'pretty', label: 'Pretty' },
              { value: 'raw', label: 'Raw' },
            ]}
            value={look}
            onChange={setLook}
          />
        </div>
      )}
      <CodeEditor
        label="Body of the answer"
        readOnly
        language={pretty === undefined ? (answer.body.trimStart().startsWith('<') ? 'xml' : 'text') : 'json'}
        value={look === 'pretty' && pretty !== undefined ? pretty : answer.body}
        minHeight={140}
      />
    </Stack>
  );
}

function prettyOf(text: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return undefined;
  }
}

/** The record comes within seconds of the answer: asked until it is there. */
function Steps({ requestId }: { readonly requestId: string }) {
  const { data, isError } = useQuery<ExchangeRecord>({
    queryKey: ['/requests', requestId],
    queryFn: ({ signal }) => api.get<ExchangeRecord>(path`/requests/${requestId}`, {}, signal),
    retry: 10,
    retryDelay: 500,
  });
  return (
    <Surface>
      {data !== undefined && <WhatHappened record={data} />}
      {data === undefined && (
        <Text size="sm" c="dimmed">
          {isError
            ? 'The gateway has not sent what happened. The request log has it later.'
            : 'What happened comes in a moment…'}
        </Text>
      )}
    </Surface>
  );
}
