import { Select, Text } from '@mantine/core';
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
import { WizardButtons } from './wizard-buttons.tsx';
import { WizardPage } from './wizard-page.tsx';

/** Token end points that are offered; there are few. */
const OFFERED = 100;

/** Create OAuth Authorization End Point: where people sign in and allow applications to act for them. */
export function CreateAuthorizationEndPoint() {
  const navigate = useNavigate();
  const { data } = useApi<ListPage<ProjectRow>>('/overview/projects', {
    query: { kind: 'oauth-token-endpoint', limit: OFFERED },
  });
  const tokenProjects = data?.items ?? [];
  const form = useForm({
    validateInputOnBlur: true,
    initialValues: { displayName: 'Sign in', contextPath: '/authorize', tokenProject: '' },
    validate: { displayName: checkDisplayName, contextPath: checkContextPath },
  });
  const { displayName, contextPath } = form.values;
  // The only one is taken until another is chosen.
  const chosen = form.values.tokenProject || (tokenProjects.length === 1 ? (tokenProjects[0]?.name ?? '') : '');
  return (
    <WizardPage
      title="Create OAuth Authorization End Point"
      description="People sign in here and allow applications to act on their behalf; the application gets a code for the token end point."
    >
      <Form
        form={form}
        failure="Could not create the authorization end point."
        guard
        onSubmit={async (values) => {
          const body = {
            kind: 'oauth-authorization-endpoint',
            displayName: values.displayName.trim(),
            contextPath: values.contextPath.trim(),
            ...(chosen !== '' && { tokenProject: chosen }),
          };
          const made = await nameTakenAtField(body.displayName, api.post<Project>('/projects', body));
          await refreshAll();
          await navigate({ to: `/projects/${made.name}`, search: { created: '1' } as never });
        }}
        footer={({ isSending }) => <WizardButtons isLast isSending={isSending} />}
      >
        <BasicsFields form={form} placeholder={{ displayName: 'Sign in', contextPath: '/authorize' }} />
        <Select
          label="Token end point"
          description="It shares the issuer, the token store and the keys of this project."
          required
          data={tokenProjects.map(({ name, displayName: label }) => ({ value: name, label }))}
          {...form.getInputProps('tokenProject')}
          value={chosen === '' ? null : chosen}
        />
        {data !== undefined && tokenProjects.length === 0 && (
          <Text size="sm" role="note">
            There is no token end point yet.{' '}
            <Link to="/projects" search={{ add: 'oauth-token-endpoint' } as never}>
              Create one first
            </Link>
            .
          </Text>
        )}
        <ShowCommand
          command={`gatewright project create ${shellWord(displayName.trim())} kind=oauth-authorization-endpoint contextPath=${shellWord(contextPath.trim())} tokenProject=${shellWord(chosen)}`}
        />
      </Form>
    </WizardPage>
  );
}
