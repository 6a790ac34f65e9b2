import { Alert, Anchor, Button, List, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { Deviation } from '#core/model/oauth-profile';
import { plural } from '../../components/format.ts';
import type { Field } from '../../schema-form/field.ts';
import { PROFILE_TITLES, type Profiled, titleAt, valueInWords } from './deviations.ts';

/** In the form of a policy: where its settings are not as the profile has them, each leading to its field. */
export function ProfileNote({
  found: { profile, deviations },
  fields,
  onGo,
  onMend,
}: {
  readonly found: Profiled;
  readonly fields: readonly Field[];
  /** Goes to the field of a pointer. */
  readonly onGo: (pointer: string) => void;
  /** Sets all as the profile has it; left out for who may not change anything. */
  readonly onMend: ((deviations: readonly Deviation[]) => void) | undefined;
}) {
  if (deviations.length === 0)
    return (
      <Alert role="status" style={{ borderLeftColor: 'var(--ok)' }}>
        <Text size="sm">Everything is as the profile {PROFILE_TITLES[profile]} has it.</Text>
      </Alert>
    );
  return (
    <Alert
      icon={<IconAlertTriangle />}
      title={`${plural(deviations.length, 'deviation', 'deviations')} from the profile ${PROFILE_TITLES[profile]}`}
      style={{ borderLeftColor: 'var(--warn)' }}
    >
      <Stack gap="xs" align="flex-start">
        <List size="sm" spacing={6}>
          {deviations.map(({ pointer, is, should, why, source }) => (
            <List.Item key={pointer}>
              <Anchor
                component="button"
                type="button"
                size="sm"
                underline="always"
                ta="left"
                onClick={() => onGo(pointer)}
              >
                {titleAt(pointer, fields)}
              </Anchor>{' '}
              is {valueInWords(is)}; the profile has {valueInWords(should)}. {why} ({source})
            </List.Item>
          ))}
        </List>
        {onMend !== undefined && (
          <Button size="compact-sm" variant="default" onClick={() => onMend(deviations)}>
            Set as the profile has it
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
