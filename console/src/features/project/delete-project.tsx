import { Button, Group, List, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import type { ProjectOverview } from '#core/model/overview/screens';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { Confirm, Dialog } from '../../components/dialog.tsx';
import { plural } from '../../components/format.ts';
import { GuardedButton } from '../../components/guarded.tsx';
import { Link } from '../../components/link.tsx';
import { tell } from '../../components/notify.ts';
import { Surface } from '../../components/surface.tsx';

/** Deletes a project that neither runs nor is in a product; says what stands against it otherwise. */
export function DeleteProject({ overview }: { readonly overview: ProjectOverview }) {
  const { project, live, products, newestVersion } = overview;
  const right = useRight('projects:write');
  const navigate = useNavigate();
  const [isOpen, dialog] = useDisclosure(false);
  const remove = async () => {
    await api.remove(path`/projects/${project.name}`, { ifMatch: project.revision });
    await navigate({ to: '/projects' } as never);
    tell(`${project.displayName} is deleted.`);
    await refreshAll();
  };
  const isUsed = live.length + products.length > 0;
  return (
    <Surface title="Delete">
      <Group justify="space-between" gap="sm">
        <Text size="sm" c="dimmed" maw={460}>
          The draft goes with its resources, policies and targets
          {newestVersion !== undefined && `, and ${plural(newestVersion, 'version', 'versions')} of it`}.
        </Text>
        <GuardedButton right={right} variant="default" onClick={dialog.open}>
          Delete project
        </GuardedButton>
      </Group>
      {isUsed ? (
        <Dialog title={`${project.displayName} is in use`} isOpen={isOpen} onClose={dialog.close}>
          <Stack>
            <Text size="sm">It can be deleted after this:</Text>
            <List size="sm">
              {live.map(({ serverGroup, serverGroupDisplayName }) => (
                <List.Item key={serverGroup}>
                  Undeploy from {serverGroupDisplayName} first, under{' '}
                  <Link
                    underline="always"
                    to="/projects/$project/deployments"
                    params={{ project: project.name } as never}
                  >
                    Deployments
                  </Link>
                </List.Item>
              ))}
              {products.map(({ name, displayName }) => (
                <List.Item key={name}>
                  Take it out of the product{' '}
                  <Link underline="always" to="/products/$product" params={{ product: name } as never}>
                    {displayName}
                  </Link>
                </List.Item>
              ))}
            </List>
            <Group justify="flex-end">
              <Button variant="default" onClick={dialog.close}>
                Close
              </Button>
            </Group>
          </Stack>
        </Dialog>
      ) : (
        <Confirm
          title={`Delete ${project.displayName}?`}
          isOpen={isOpen}
          onClose={dialog.close}
          act="Delete project"
          isDestructive
          // What was never deployed is soon made again.
          typed={newestVersion === undefined ? undefined : project.displayName}
          onConfirm={remove}
          failure={`Could not delete ${project.displayName}.`}
        >
          It runs on no server group, so that no call fails. It cannot be brought back; an export keeps it as a file.
        </Confirm>
      )}
    </Surface>
  );
}
