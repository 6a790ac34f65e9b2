import { Checkbox, NumberInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { Settings } from '#core/model/settings';
import { api } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight, useSession } from '../../api/session.ts';
import { CodeLine } from '../../components/code-line.tsx';
import { Form } from '../../components/form.tsx';
import { Loaded, useApi } from '../../components/loaded.tsx';
import { tell } from '../../components/notify.ts';
import { Empty } from '../../components/states.tsx';
import { Surface } from '../../components/surface.tsx';
import { SettingsPage } from './settings-page.tsx';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What holds for everybody: the team, sessions, how long the audit trail is kept. */
export function GeneralSettings() {
  const right = useRight('settings:read');
  const { version } = useSession();
  const result = useApi<Settings>('/settings', { enabled: right.allowed });
  return (
    <SettingsPage part="/settings">
      <Stack maw={640}>
        <Surface title="General">
          {right.allowed ? (
            <Loaded result={result} what="the settings">
              {(settings) => <SettingsForm key={JSON.stringify(settings)} settings={settings} />}
            </Loaded>
          ) : (
            <Empty title="These settings are not shown to you">{right.reason}.</Empty>
          )}
        </Surface>
        <Surface title="About">
          <Stack gap="xs">
            <Text size="sm">Gatewright {version}. Licence: Apache 2.0.</Text>
            <Text size="sm" c="dimmed">
              Ports, certificates, retention of the request log and the like are settings of the process. This prints
              those that hold:
            </Text>
            <CodeLine value="gatewright start --print-config" label="Copy the command" />
          </Stack>
        </Surface>
      </Stack>
    </SettingsPage>
  );
}

function SettingsForm({ settings }: { readonly settings: Settings }) {
  const right = useRight('settings:write');
  const form = useForm({
    initialValues: {
      teamName: settings.teamName,
      sessionIdleHours: settings.sessionIdleMs / HOUR_MS,
      sessionMaxHours: settings.sessionMaxMs / HOUR_MS,
      keptSessionDays: settings.keptSessionMs / DAY_MS,
      requireSecondFactor: settings.requireSecondFactor,
      auditRetentionDays: settings.auditRetentionDays,
      signingKeyRotationDays: settings.signingKeyRotationDays,
    },
  });
  return (
    <Form
      form={form}
      guard
      failure="Could not save the settings."
      {...(right.allowed && { submit: 'Save' })}
      fieldOf={(pointer) =>
        ({
          '/sessionIdleMs': 'sessionIdleHours',
          '/sessionMaxMs': 'sessionMaxHours',
          '/keptSessionMs': 'keptSessionDays',
        })[pointer]
      }
      onSubmit={async (values) => {
        await api.patch('/settings', {
          teamName: values.teamName.trim(),
          sessionIdleMs: Math.round(Number(values.sessionIdleHours) * HOUR_MS),
          sessionMaxMs: Math.round(Number(values.sessionMaxHours) * HOUR_MS),
          keptSessionMs: Math.round(Number(values.keptSessionDays) * DAY_MS),
          requireSecondFactor: values.requireSecondFactor,
          auditRetentionDays: Number(values.auditRetentionDays),
          signingKeyRotationDays: Number(values.signingKeyRotationDays),
        });
        await refreshAll();
        tell('Saved.');
      }}
    >
      <fieldset disabled={!right.allowed} style={{ border: 0, padding: 0, margin: 0 }}>
        <Stack>
          <TextInput
            label="Team name"
            description="Shown in the header and at sign-in."
            required
            {...form.getInputProps('teamName')}
          />
          <NumberInput
            label="Sessions end when not used for"
            suffix=" h"
            min={0.1}
            decimalScale={2}
            {...form.getInputProps('sessionIdleHours')}
          />
          <NumberInput
            label="Sessions end after"
            suffix=" h"
            min={0.1}
            decimalScale={2}
            {...form.getInputProps('sessionMaxHours')}
          />
          <NumberInput
            label="“Keep me signed in” lasts"
            suffix=" d"
            min={1}
            {...form.getInputProps('keptSessionDays')}
          />
          <Checkbox
            label="Everybody needs a second factor"
            description="Whoever signs in with a password must set one up before anything else."
            {...form.getInputProps('requireSecondFactor', { type: 'checkbox' })}
          />
          <NumberInput
            label="The audit trail is kept for"
            description="Older entries are forgotten; a signed mark stays where the chain then begins."
            suffix=" days"
            min={30}
            max={3650}
            {...form.getInputProps('auditRetentionDays')}
          />
          <NumberInput
            label="A signing key signs for"
            description="Then the next one takes over, which was published a day before."
            suffix=" days"
            min={2}
            max={3650}
            {...form.getInputProps('signingKeyRotationDays')}
          />
        </Stack>
      </fieldset>
    </Form>
  );
}
