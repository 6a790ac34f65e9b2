import { Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { formatAgo, formatTime, formatTimeInFull } from './format.ts';

/** Now, told again every ten seconds, for "12 s ago". What is drawn sooner, with newer data, has its own now: nothing is ahead of it. */
export function useNow(everyMs = 10_000): number {
  const [, setTold] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTold(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return Date.now();
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
