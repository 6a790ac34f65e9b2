import { useComputedColorScheme } from '@mantine/core';
import { useMemo } from 'react';

/** Tokens of the theme that charts draw with. */
export type ColorToken = '--ok' | '--warn' | '--bad' | '--p50' | '--p95' | '--p99' | '--app-border' | '--app-muted';

/** The value of a token in the scheme that holds: a canvas knows no variables. */
export function useColors(): (token: ColorToken) => string {
  const scheme = useComputedColorScheme('light');
  // biome-ignore lint/correctness/useExhaustiveDependencies: another scheme has other values under the same names
  return useMemo(() => {
    const style = getComputedStyle(document.documentElement);
    return (token) => style.getPropertyValue(token).trim();
  }, [scheme]);
}
