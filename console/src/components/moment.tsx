import { Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { formatAgo, formatTime, formatTimeInFull } from './format.ts';

/** Now, told again every ten seconds, for "12 s ago". */
export function useNow(everyMs = 10_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** An instant: how long ago, and on hover the full time with its zone. `exact` shows the time itself. */
export function Moment({ at, exact = false }: { readonly at: number; readonly exact?: boolean }) {
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={formatTimeInFull(at)} className="num nowrap">
      {exact ? formatTime(at) : formatAgo(at, now)}
    </time>
  );
}

/** By whom and when, for lists. */
export function ByWhom({ by, at }: { readonly by: string; readonly at: number }) {
  return (
    <Text span size="sm" c="dimmed" className="nowrap">
      {by}, <Moment at={at} />
    </Text>
  );
}
