import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate, useParams } from '@tanstack/react-router';
import type { PolicyPlace } from '#core/model/overview/screens';
import type { Policy } from '#core/model/policy';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { Status } from '../../components/badges.tsx';
import { Confirm, Dialog } from '../../components/dialog.tsx';
import { plural } from '../../components/format.ts';
import { GuardedButton } from '../../components/guarded.tsx';
import { LinkButton } from '../../components/link.tsx';
import { Lines } from '../../components/loaded.tsx';
import { ByWhom } from '../../components/moment.tsx';
import { tell } from '../../components/notify.ts';
import { Empty } from '../../components/states.tsx';
import { Surface } from '../../components/surface.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { Places } from './places.tsx';
import { PolicyForm } from './policy-form.tsx';
import { usePolicyTypes } from './policy-types.ts';
import classes from './project.module.css';
import { useProject } from './project-context.ts';

/** One policy of a project: its settings, and where it is attached. */
export function PolicyTab() {
  const { overview } = useProject();
  const { policy: name } = useParams({ strict: false }) as { policy?: string };
  const [{ field }] = useUrlState();
  const types = usePolicyTypes();
  const project = overview.project.name;
  const policy = overview.policies.find((known) => known.name === name || known.id === name);
  const type = types.find((known) => known.name === policy?.type);
  if (policy === undefined)
    return (
      <Empty
        title="There is no such policy"
        actions={
          <LinkButton variant="default" to="/projects/$project/policies" params={{ project } as never}>
            All policies
          </LinkButton>
        }
      >
        It may have been deleted since the link was made.
      </Empty>
    );
  const places = overview.places.filter((place) => place.policy === policy.name);
  return (
    <div className={classes.columns}>
      <Surface>
        <Group justify="space-between" mb="sm" gap="xs">
          <div>
            <Title order={2}>{policy.displayName}</Title>
            <Text size="sm" c="dimmed">
              {type?.title ?? policy.type}
              {policy.summary !== '' && ` · ${policy.summary}`}
            </Text>
          </div>
        </Group>
        {type === undefined ? (
          <Lines count={5} />
        ) : (
          <PolicyForm key={policy.id} project={project} policy={policy} type={type} focus={field} />
        )}
      </Surface>
      <div className={classes.column}>
        <Surface title="Attached to">
          <Stack gap="xs">
            {places.length > 1 && (
              <Text size="sm" c="dimmed">
                Used in {plural(places.length, 'place', 'places')}. A change here changes all.
              </Text>
            )}
            {places.length === 0 ? (
              <Group gap="xs">
                <Status tone="orange">Not attached anywhere</Status>
                <Text size="sm" c="dimmed">
                  It does not run. Attach it at an endpoint under Resources.
                </Text>
              </Group>
            ) : (
              <Places project={project} places={places} />
            )}
          </Stack>
        </Surface>
        <Surface title="Record">
          <Stack gap="xs">
            <Text size="sm">
              Changed by <ByWhom by={policy.updatedBy} at={policy.updatedAt} />
            </Text>
            <Text size="sm">
              Name for the command line: <span className="mono">{policy.name}</span>
            </Text>
            <div>
              <DeletePolicy project={project} policy={policy} places={places} />
            </div>
          </Stack>
        </Surface>
      </div>
    </div>
  );
}

function DeletePolicy({
  project,
  policy,
  places,
}: {
  readonly project: string;
  readonly policy: Policy;
  readonly places: readonly PolicyPlace[];
}) {
  const right = useRight('projects:write');
  const navigate = useNavigate();
  const [isOpen, dialog] = useDisclosure(false);
  const remove = async () => {
    await api.remove(path`/projects/${project}/policies/${policy.name}`, { ifMatch: policy.revision });
    await navigate({ to: '/projects/$project/policies', params: { project } } as never);
    tell(`${policy.displayName} is deleted from the draft.`);
    await refreshAll();
  };
  return (
    <>
      <GuardedButton right={right} variant="default" onClick={dialog.open}>
        Delete policy
      </GuardedButton>
      {places.length > 0 ? (
        <Dialog title={`${policy.displayName} is attached`} isOpen={isOpen} onClose={dialog.close}>
          <Stack>
            <Text size="sm">It can be deleted once it is attached nowhere. Detach it first:</Text>
            <Places project={project} places={places} />
            <Group justify="flex-end">
              <Button variant="default" onClick={dialog.close}>
                Close
              </Button>
            </Group>
          </Stack>
        </Dialog>
      ) : (
        <Confirm
          title={`Delete ${policy.displayName}?`}
          isOpen={isOpen}
          onClose={dialog.close}
          act="Delete policy"
          isDestructive
          onConfirm={remove}
          failure={`Could not delete ${policy.displayName}.`}
        >
          It is attached nowhere, so that nothing that runs changes. Its settings are gone from the draft; versions that
          were deployed keep them.
        </Confirm>
      )}
    </>
  );
}
