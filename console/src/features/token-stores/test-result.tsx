import { Alert, List, Stack, Text } from '@mantine/core';
import { adviceOn } from '#core/model/store-advice';
import type { TokenStoreTest } from '#core/model/token-store';
import { formatMs } from '../../components/format.ts';

/** What came of a test: how long it took, or what is wrong and what to do about it. */
export function TestResult({ result }: { readonly result: TokenStoreTest }) {
  const { isReached, ms, problem = 'it did not answer', warnings } = result;
  const edge = isReached ? (warnings.length === 0 ? 'var(--ok)' : 'var(--warn)') : 'var(--bad)';
  return (
    <Alert role="status" style={{ borderLeftColor: edge }}>
      <Stack gap={4}>
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {isReached
            ? `Reached: a record was written, read and taken away in ${formatMs(ms)}.`
            : `It cannot be used: ${problem}.`}
        </Text>
        {!isReached && <Text size="sm">{adviceOn(problem)}</Text>}
        {warnings.length > 0 && (
          <List size="sm">
            {warnings.map((warning) => (
              <List.Item key={warning}>{warning}</List.Item>
            ))}
          </List>
        )}
      </Stack>
    </Alert>
  );
}
