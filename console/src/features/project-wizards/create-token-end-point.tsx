import { Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useNavigate } from '@tanstack/react-router';
import type { ProjectRow } from '#core/model/overview/screens';
import type { Project } from '#core/model/project';
import { api } from '../../api/client.ts';
import type { ListPage } from '../../api/page.ts';
import { refreshAll } from '../../api/query-client.ts';
import { checkContextPath, checkDisplayName } from '../../components/checks.ts';
import { Form } from '../../components/form.tsx';
import { Link } from '../../components/link.tsx';
import { useApi } from '../../components/loaded.tsx';
import { shellWord } from '../../components/shell-word.ts';
import { ShowCommand } from '../../components/show-command.tsx';
import { nameTakenAtField } from '../projects/name-taken.ts';
import { BasicsFields } from './basics-fields.tsx';
import { millisecondsOf, type TypedDuration } from './duration.ts';
import { DurationField } from './duration-field.tsx';
import { WizardButtons } from './wizard-buttons.tsx';
import { WizardPage } from './wizard-page.tsx';

const SHORTEST_MS = 1_000;
const LONGEST_MS = 30 * 24 * 3_600_000;

/** Create OAuth Token End Point (console.md §4.5). */
export function CreateTokenEndPoint() {
  const navigate = useNavigate();
  const form = useForm({
    validateInputOnBlur: true,
    initialValues: {
      displayName: 'AccessToken',
      contextPath: '/token',
      accessTokenExpiryMs: { text: '600000', unit: 'ms' } as TypedDuration,
    },
    validate: {
      displayName: checkDisplayName,
      contextPath: checkContextPath,
      accessTokenExpiryMs: checkExpiry,
    },
  });
  const { displayName, contextPath, accessTokenExpiryMs } = form.values;
  return (
    <WizardPage
      title="Create OAuth Token End Point"
      description="Registered clients get their access tokens here, with their consumer key and secret."
    >
      <Form
        form={form}
        failure="Could not create the token end point."
        guard
        onSubmit={async (values) => {
          const body = {
            kind: 'oauth-token-endpoint',
            displayName: values.displayName.trim(),
            contextPath: values.contextPath.trim(),
            accessTokenExpiryMs: millisecondsOf(values.accessTokenExpiryMs),
          };
          const made = await nameTakenAtField(body.displayName, api.post<Project>('/projects', body));
          await refreshAll();
          await navigate({ to: `/projects/${made.name}`, search: { created: '1' } as never });
        }}
        footer={({ isSending }) => <WizardButtons isLast isSending={isSending} />}
      >
        <SecondEndPoint />
        <BasicsFields form={form} placeholder={{ displayName: 'AccessToken', contextPath: '/token' }} />
        <DurationField
          label="Access Token Expiry Time"
          description="How long a token works after it was issued: 1 s to 30 days."
          {...form.getInputProps('accessTokenExpiryMs')}
          value={accessTokenExpiryMs}
        />
        <ShowCommand
          command={`gatewright project create ${shellWord(displayName.trim())} kind=oauth-token-endpoint contextPath=${shellWord(contextPath.trim())} accessTokenExpiryMs=${millisecondsOf(accessTokenExpiryMs) ?? ''}`}
        />
      </Form>
    </WizardPage>
  );
}

function checkExpiry(value: TypedDuration): string | null {
  const ms = millisecondsOf(value);
  if (ms === undefined) return 'Give a whole number.';
  if (ms < SHORTEST_MS) return 'At least 1 s (1000 ms).';
  return ms > LONGEST_MS ? 'At most 30 days.' : null;
}

/** Says so when there is a token end point already: one is normally enough. */
function SecondEndPoint() {
  const { data } = useApi<ListPage<ProjectRow>>('/overview/projects', {
    query: { kind: 'oauth-token-endpoint', limit: 1 },
  });
  const first = data?.items[0];
  if (first === undefined) return undefined;
  return (
    <Text size="sm" role="note">
      One token end point is normally enough for the whole product.{' '}
      <Link to={`/projects/${first.name}`}>{first.displayName}</Link> already exists.
    </Text>
  );
}
