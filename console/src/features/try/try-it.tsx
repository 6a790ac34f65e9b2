import { Button, Group, Menu, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useClipboard } from '@mantine/hooks';
import { IconCopy, IconHistory } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { ProjectOverview } from '#core/model/overview/screens';
import type { TryAnswer, TryRequest } from '#core/model/try';
import { api, path } from '../../api/client.ts';
import { useRight } from '../../api/session.ts';
import { HttpStatus } from '../../components/badges.tsx';
import { CodeEditor } from '../../components/code-editor.tsx';
import { Form } from '../../components/form.tsx';
import { useApi } from '../../components/loaded.tsx';
import { Moment } from '../../components/moment.tsx';
import { tell } from '../../components/notify.ts';
import { Page } from '../../components/page.tsx';
import { Empty } from '../../components/states.tsx';
import { Surface } from '../../components/surface.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { ProjectSelect } from '../projects/project-select.tsx';
import { AnswerView } from './answer-view.tsx';
import { AuthInput } from './auth-input.tsx';
import { type Call, callFrom, requestOf, TRY_METHODS, WITH_BODY } from './call.ts';
import { useHistory } from './history.ts';
import { PairsInput } from './pairs-input.tsx';
import { asCurl, asFetch, asGatewright, asPython } from './snippets.ts';

/** Try it: a call to what is deployed, made through a gateway (console.md §4.21). */
export function TryIt() {
  const right = useRight('try:write');
  if (!right.allowed)
    return (
      <Page title="Try it">
        <div className="surface">
          <Empty title="Calls from here are not yours to make">{right.reason}.</Empty>
        </div>
      </Page>
    );
  return <Workbench />;
}

function Workbench() {
  const [url, setUrl] = useUrlState();
  const [past, remember, forget] = useHistory();
  const form = useForm<Call>({
    initialValues: callFrom(url),
    validate: {
      project: (value) => (value === '' ? 'Choose a project.' : null),
      serverGroup: (value) => (value === '' ? 'Choose a server group on which it runs.' : null),
      subscription: (value, { auth }) => (auth === 'subscription' && value === '' ? 'Choose a subscription.' : null),
      token: (value, { auth }) => (auth === 'token' && value.trim() === '' ? 'Paste a token.' : null),
    },
  });
  const { project: name, serverGroup } = form.values;
  const { data: overview } = useApi<ProjectOverview>(path`/overview/projects/${name}`, { enabled: name !== '' });
  const project = name === '' ? undefined : overview;
  const live = project?.live ?? [];
  const send = useMutation({ mutationFn: (request: TryRequest) => api.post<TryAnswer>('/try', request) });
  // Where it runs is chosen as soon as it is known, when there is one place.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when another project was chosen
  useEffect(() => {
    if (live.length > 0 && !live.some((version) => version.serverGroup === serverGroup))
      form.setFieldValue('serverGroup', live[0]?.serverGroup ?? '');
  }, [project?.project.name]);
  const request = requestOf(form.values, project?.project.contextPath ?? '/');
  const publicUrl = project?.urls.find((candidate) => candidate.serverGroup === serverGroup)?.url;

  return (
    <Page
      title="Try it"
      description="Calls go from the manager to a gateway of the server group. They stand in the request log, marked."
      actions={<PastCalls past={past} onChoose={(call) => form.setValues(call)} onForget={forget} />}
    >
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md" style={{ alignItems: 'start' }}>
        <Surface title="Request">
          <Form
            form={form}
            failure="Could not make the call."
            onSubmit={async (values) => {
              const answer = await send.mutateAsync(requestOf(values, project?.project.contextPath ?? '/'));
              remember(values, answer.status);
            }}
            footer={({ isSending }) => (
              <Group justify="space-between">
                <CopyAs request={request} url={publicUrl} />
                <Button type="submit" loading={isSending}>
                  Send
                </Button>
              </Group>
            )}
          >
            <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
              <ProjectSelect
                label="API project"
                isRequired
                value={name === '' ? undefined : name}
                onChange={(next) => {
                  form.setFieldValue('project', next ?? '');
                  setUrl({ project: next });
                }}
              />
              <Select
                label="Server group"
                required
                allowDeselect={false}
                placeholder={name !== '' && live.length === 0 ? 'Not deployed' : 'Choose'}
                data={live.map((version) => ({
                  value: version.serverGroup,
                  label: `${version.serverGroupDisplayName}, v${version.version}`,
                }))}
                {...form.getInputProps('serverGroup')}
              />
            </SimpleGrid>
            <Group gap="sm" align="flex-end" wrap="nowrap">
              <Select
                w={120}
                label="Method"
                allowDeselect={false}
                data={TRY_METHODS}
                {...form.getInputProps('method')}
              />
              <TextInput
                style={{ flex: 1 }}
                label="Path"
                classNames={{ input: 'mono' }}
                leftSection={
                  project !== undefined && project.project.contextPath !== '/' ? (
                    <span className="mono clip">{project.project.contextPath}</span>
                  ) : undefined
                }
                leftSectionWidth={
                  project === undefined ? undefined : Math.min(160, 20 + 7.4 * project.project.contextPath.length)
                }
                {...form.getInputProps('path')}
              />
            </Group>
            <AuthInput form={form} />
            <PairsInput label="Query" one="Parameter" {...form.getInputProps('query')} />
            <PairsInput label="Headers" one="Header" {...form.getInputProps('headers')} />
            {WITH_BODY.includes(form.values.method) && (
              <div>
                <Text size="sm" fw={600} mb={4}>
                  Body
                </Text>
                <CodeEditor
                  label="Body of the request"
                  language={form.values.body.trimStart().startsWith('<') ? 'xml' : 'json'}
                  value={form.values.body}
                  onChange={(body) => form.setFieldValue('body', body)}
                  minHeight={120}
                />
              </div>
            )}
          </Form>
        </Surface>
        {send.data === undefined ? (
          <div className="surface">
            <Empty title="No answer yet">
              Send the call: status, headers, body and what each policy did appear here.
            </Empty>
          </div>
        ) : (
          <AnswerView key={send.data.requestId} answer={send.data} />
        )}
      </SimpleGrid>
    </Page>
  );
}

/** The call, to take along. The token is left open. */
function CopyAs({ request, url }: { readonly request: TryRequest; readonly url: string | undefined }) {
  const clipboard = useClipboard();
  const forms: readonly (readonly [string, () => string])[] = [
    ['curl', () => asCurl(request, url ?? '')],
    ['fetch', () => asFetch(request, url ?? '')],
    ['Python', () => asPython(request, url ?? '')],
    ['gatewright', () => asGatewright(request)],
  ];
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button variant="default" leftSection={<IconCopy size={16} />} disabled={url === undefined}>
          Copy as
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {forms.map(([title, text]) => (
          <Menu.Item
            key={title}
            onClick={() => {
              clipboard.copy(text());
              tell(`Copied as ${title}.`);
            }}
          >
            {title}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function PastCalls({
  past,
  onChoose,
  onForget,
}: {
  readonly past: ReturnType<typeof useHistory>[0];
  readonly onChoose: (call: Call) => void;
  readonly onForget: () => void;
}) {
  if (past.length === 0) return undefined;
  return (
    <Menu position="bottom-end" width={360}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconHistory size={16} />}>
          History
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflowY: 'auto' }}>
        {past.map(({ at, status, call }) => (
          <Menu.Item key={at} onClick={() => onChoose(call)}>
            <Stack gap={0}>
              <Text size="sm" className="mono clip">
                {call.method} {call.project} {call.path}
              </Text>
              <Group gap={6}>
                <HttpStatus status={status} />
                <Text size="xs" c="dimmed">
                  <Moment at={at} />
                </Text>
              </Group>
            </Stack>
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={onForget}>Forget these calls</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
