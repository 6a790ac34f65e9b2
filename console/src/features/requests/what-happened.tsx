import { Text, Title } from '@mantine/core';
import { IconCircleCheck, IconCircleX, IconMinus } from '@tabler/icons-react';
import type { ExchangeRecord, PolicyVerdict, TargetCall } from '#core/model/exchange-record';
import { PHASE_TITLES } from '#core/model/phase';
import { formatMs } from '../../components/format.ts';
import { reasonWords } from './reason-words.ts';
import classes from './requests.module.css';

const OUTCOMES: Readonly<Record<PolicyVerdict['outcome'], string>> = {
  passed: 'Passed',
  answered: 'Answered here',
  stopped: 'Stopped here',
  failed: 'Failed here',
  'not-reached': 'Not reached',
};

/** Each policy in running order, and the target between request and response: what it did and how long it took. */
export function WhatHappened({ record }: { readonly record: ExchangeRecord }) {
  const isRequest = ({ phase }: PolicyVerdict) => phase === 'proxyRequest' || phase === 'targetRequest';
  return (
    <section aria-label="What happened">
      <Title order={2} size="h3" mb={4}>
        What happened
      </Title>
      <ol className={classes.steps}>
        {record.policies.filter(isRequest).map((verdict) => (
          <PolicyStep key={`${verdict.phase} ${verdict.policy}`} verdict={verdict} record={record} />
        ))}
        <TargetStep record={record} />
        {record.policies
          .filter((verdict) => !isRequest(verdict))
          .map((verdict) => (
            <PolicyStep key={`${verdict.phase} ${verdict.policy}`} verdict={verdict} record={record} />
          ))}
      </ol>
    </section>
  );
}

function PolicyStep({ verdict, record }: { readonly verdict: PolicyVerdict; readonly record: ExchangeRecord }) {
  const { outcome, displayName, phase, chain, ms } = verdict;
  const isBad = outcome === 'stopped' || outcome === 'failed';
  return (
    <Step
      mark={isBad ? 'bad' : outcome === 'not-reached' ? 'none' : 'ok'}
      title={displayName}
      ms={outcome === 'not-reached' ? undefined : ms}
      detail={`${OUTCOMES[outcome]} · ${chain === undefined ? PHASE_TITLES[phase] : `in policy chain ${chain}`}${isBad ? ` · ${reasonWords(record)}` : ''}`}
    />
  );
}

function TargetStep({ record }: { readonly record: ExchangeRecord }) {
  const { target } = record;
  if (target === undefined) return <Step mark="none" title="Target" detail="Not called" ms={undefined} />;
  const tries = target.tries > 1 ? ` · ${target.tries} tries` : '';
  return (
    <Step
      mark={target.outcome === 'answered' ? 'ok' : 'bad'}
      title={`Target: ${target.url}`}
      detail={
        target.outcome === 'answered'
          ? `Answered ${target.status ?? ''}${tries}${wayOf(target)}`
          : `${target.error ?? 'No answer'}${tries}`
      }
      ms={target.firstByteMs}
    />
  );
}

/** What the time until the first byte was spent on: a connection, when a new one was made. */
function wayOf({ connection, totalMs }: TargetCall): string {
  const steps = [
    ['DNS', connection?.dnsMs],
    ['connect', connection?.connectMs],
    ['TLS', connection?.tlsMs],
    ['last byte', totalMs],
  ] as const;
  const told = steps.flatMap(([name, ms]) => (ms === undefined ? [] : [`${name} ${formatMs(ms)}`]));
  return told.length === 0 ? '' : ` · ${told.join(', ')}`;
}

const MARKS = {
  ok: { icon: IconCircleCheck, color: 'var(--ok)' },
  bad: { icon: IconCircleX, color: 'var(--bad)' },
  none: { icon: IconMinus, color: 'var(--app-muted)' },
} as const;

function Step({
  mark,
  title,
  detail,
  ms,
}: {
  readonly mark: keyof typeof MARKS;
  readonly title: string;
  readonly detail: string;
  readonly ms: number | undefined;
}) {
  const { icon: Icon, color } = MARKS[mark];
  return (
    <li>
      <Icon size={16} color={color} aria-hidden="true" />
      <div>
        <Text size="sm" fw={550} style={{ overflowWrap: 'anywhere' }}>
          {title}
        </Text>
        <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {detail}
        </Text>
      </div>
      <span className="mono">{ms === undefined ? '' : formatMs(ms)}</span>
    </li>
  );
}
