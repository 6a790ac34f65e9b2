import { Text } from '@mantine/core';
import type { Monitor } from '#core/model/overview/traffic';
import { formatMs, formatNumber, formatShare } from '../../components/format.ts';
import classes from './monitor.module.css';

/** The five numbers, each with what it was before. */
export function KeyNumbers({ numbers }: { readonly numbers: Monitor }) {
  const { totals, before } = numbers;
  const clientErrorsBefore = before.failed - before.serverErrors;
  return (
    <div className={`surface ${classes.numbers}`}>
      <Figure
        label="Requests"
        value={formatNumber(totals.perMinute)}
        unit="/min"
        note={growth(totals.requests, before.requests)}
      />
      <Figure
        label="Failed by client (4xx)"
        value={formatShare(totals.clientErrors, totals.requests)}
        note={`was ${formatShare(clientErrorsBefore, before.requests)}`}
        {...(totals.clientErrors > 0 && { color: 'var(--warn)' })}
      />
      <Figure
        label="Failed by server (5xx)"
        value={formatShare(totals.serverErrors, totals.requests)}
        note={`was ${formatShare(before.serverErrors, before.requests)}`}
        {...(totals.serverErrors > 0 && { color: 'var(--bad)' })}
      />
      <Figure
        label="Latency p95"
        value={formatMs(totals.p95)}
        note={`p50 ${formatMs(totals.p50)}, p99 ${formatMs(totals.p99)}`}
      />
      <Figure label="Added by gateway p95" value={formatMs(totals.gatewayP95)} note="without the target" />
    </div>
  );
}

function Figure({
  label,
  value,
  unit,
  note,
  color,
}: {
  readonly label: string;
  readonly value: string;
  readonly unit?: string;
  readonly note: string;
  readonly color?: string;
}) {
  return (
    <div className={classes.number}>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <div className={`${classes.value} num`} {...(color !== undefined && { style: { color } })}>
        {value}
        {unit !== undefined && <small>{unit}</small>}
      </div>
      <Text size="xs" c="dimmed" className="num">
        {note}
      </Text>
    </div>
  );
}

function growth(now: number, before: number): string {
  if (before === 0) return 'none just before';
  const percent = Math.round((100 * (now - before)) / before);
  if (percent === 0) return 'as just before';
  return `${percent > 0 ? '+' : '−'}${formatNumber(Math.abs(percent))}% against just before`;
}
