import { Group, Stack, Text, Title } from '@mantine/core';
import type { ExchangeRecord, Fix, Why } from '#core/model/exchange-record';
import { CopyButton, CopyIcon } from '../../components/copy-button.tsx';
import { formatMs, formatTimeInFull, plural } from '../../components/format.ts';
import { Link, LinkButton } from '../../components/link.tsx';
import { shellWord } from '../../components/shell-word.ts';
import { Surface } from '../../components/surface.tsx';
import { parseSearch } from '../../components/url-state.ts';
import classes from './requests.module.css';
import { WhatHappened } from './what-happened.tsx';

/** Why a request ended as it did: the verdict, its facts, what would help, and each step (console.md §4.19). */
export function WhyView({ why }: { readonly why: Why }) {
  const { record, status } = why;
  const tone = status >= 500 ? 'bad' : status >= 400 ? 'warn' : 'ok';
  return (
    <div className={classes.sides}>
      <Surface>
        <Stack gap="md">
          <Group gap={4}>
            <span className="mono">{record.id}</span>
            <CopyIcon value={record.id} label="Copy request id" />
          </Group>
          <div className={`surface ${classes.verdict}`} data-tone={tone}>
            <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
              {why.sentence}
            </Text>
            <Text size="xs" c="dimmed" mt={4}>
              {why.title}{' '}
              <span className="mono">
                {status} · {why.code}
              </span>
            </Text>
          </div>
          {why.fixes.length > 0 && (
            <section aria-label="How to fix it">
              <Title order={2} size="h3" mb={4}>
                How to fix it
              </Title>
              <ol className={classes.fixes}>
                {why.fixes.map((fix) => (
                  <li key={fix.text}>
                    <FixLine fix={fix} />
                  </li>
                ))}
              </ol>
            </section>
          )}
          <WhatHappened record={record} />
          <Group gap="xs">
            <LinkButton variant="default" to="/try" search={tryAgain(record) as never}>
              Replay in Try it
            </LinkButton>
            <LinkButton variant="default" to="/requests" search={parseSearch(why.similar.query) as never}>
              {plural(why.similar.count, 'like this', 'like this')}
            </LinkButton>
            <CopyButton value={`${location.origin}/requests/${record.id}`} label="Share link" />
            <CopyButton value={curlOf(record)} label="Copy as curl" />
          </Group>
        </Stack>
      </Surface>
      <Surface>
        <Details why={why} />
      </Surface>
    </div>
  );
}

function FixLine({ fix }: { readonly fix: Fix }) {
  return (
    <>
      {fix.link === undefined ? fix.text : <Link to={fix.link}>{fix.text}</Link>}
      {fix.command !== undefined && <div className="mono">{fix.command}</div>}
    </>
  );
}

function Details({ why }: { readonly why: Why }) {
  const { record } = why;
  const rows: readonly (readonly [string, React.ReactNode])[] = [
    ['When', formatTimeInFull(record.at)],
    ['Request', `${record.method} ${record.path}`],
    ...(record.queryNames.length > 0 ? [['Query names', record.queryNames.join(', ')] as const] : []),
    [
      'Client',
      record.clientName === undefined ? (
        'Unknown'
      ) : (
        <Link key="client" to={`/clients/${record.clientName}`}>
          {record.clientDisplayName ?? record.clientName}
        </Link>
      ),
    ],
    ...(record.tokenPrefix === undefined ? [] : [['Token', `${record.tokenPrefix}…`] as const]),
    ...why.facts.filter((fact) => !isShown(fact, record)).map(({ label, value }) => [label, value] as const),
    ...(record.project === undefined
      ? []
      : [
          [
            'API',
            <Link key="api" to={`/projects/${record.project}`}>
              {record.projectDisplayName ?? record.project}
              {record.version === undefined ? '' : ` v${record.version}`}
              {record.resource === undefined ? '' : `, ${record.resource}`}
            </Link>,
          ] as const,
        ]),
    ['Gateway', `${record.gateway}, ${record.serverGroup}`],
    ['From', record.remoteAddress],
    ['Took', formatMs(record.tookMs)],
    ...(record.triedBy === undefined ? [] : [['Made in Try it by', record.triedBy] as const]),
    ...(record.callerRequestId === undefined ? [] : [["Caller's own id", record.callerRequestId] as const]),
  ];
  return (
    <section aria-label="Details">
      <Title order={2} size="h3" mb={6}>
        Details
      </Title>
      <dl className={classes.facts}>
        {rows.map(([label, value], index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: facts may have one label twice; they stand still
          <div key={index} style={{ display: 'contents' }}>
            <dt>{label}</dt>
            <dd className="mono">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** True for a fact that the record's own lines have already. */
function isShown({ label, value }: Why['facts'][number], record: ExchangeRecord): boolean {
  return (
    ((label === 'Client' || label === 'Client name') && record.clientName !== undefined) ||
    (label === 'Token' && value === record.tokenPrefix)
  );
}

/** The same call in Try it, as far as it was kept: neither query values nor body are. */
function tryAgain(record: ExchangeRecord): Readonly<Record<string, string>> {
  return {
    ...(record.project !== undefined && { project: record.project }),
    serverGroup: record.serverGroup,
    method: record.method,
    path: record.path,
    ...(record.subscriptionId !== undefined && { subscription: record.subscriptionId }),
  };
}

function curlOf(record: ExchangeRecord): string {
  const method = record.method === 'GET' ? '' : ` -X ${shellWord(record.method)}`;
  const token = record.tokenPrefix === undefined ? '' : ' -H "Authorization: Bearer $TOKEN"';
  return `curl -i${method}${token} ${shellWord(`http://${record.host}${record.path}`)}`;
}
