import { Text } from '@mantine/core';
import type { DashboardOverview } from '#core/model/overview/screens';
import { formatMs, formatNumber } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { Surface } from '../../components/surface.tsx';
import classes from './dashboard.module.css';

type Traffic = DashboardOverview['traffic'];

/** The traffic of this moment, and of the last half hour as a line. */
export function TrafficNow({ traffic }: { readonly traffic: Traffic }) {
  const { perMinute, failedShare, p95, series } = traffic;
  const isQuiet = series.every((point) => point.ok + point.clientError + point.serverError === 0);
  return (
    <Surface title="Traffic now" aside={<Link to="/monitor">Monitor</Link>}>
      {isQuiet ? (
        <Text size="sm" c="dimmed">
          No traffic in the last 30 min. Make a call in <Link to="/try">Try it</Link>.
        </Text>
      ) : (
        <>
          <div className={classes.numbers}>
            <Figure label="Requests a minute" value={formatNumber(perMinute)} />
            <Figure label="Failed" value={failedShare === undefined ? '–' : `${formatNumber(100 * failedShare)}%`} />
            <Figure label="Latency p95" value={formatMs(p95)} />
          </div>
          <Sparkline series={series} />
        </>
      )}
    </Surface>
  );
}

function Figure({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <div className={`${classes.number} num`}>{value}</div>
    </div>
  );
}

/** Requests of the last half hour, from zero up. */
function Sparkline({ series }: { readonly series: Traffic['series'] }) {
  const values = series.map((point) => point.ok + point.clientError + point.serverError);
  const top = Math.max(1, ...values);
  const step = 300 / Math.max(1, values.length - 1);
  const line = values.map((value, index) => `${(index * step).toFixed(1)},${(42 - (40 * value) / top).toFixed(1)}`);
  return (
    <svg
      className={classes.spark}
      viewBox="0 0 300 44"
      preserveAspectRatio="none"
      role="img"
      aria-label={`Requests of the last 30 min, at most ${formatNumber(top)} in one interval`}
    >
      <polyline
        points={line.join(' ')}
        fill="none"
        stroke="var(--p50)"
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
