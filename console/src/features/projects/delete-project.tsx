import { Button, Group, List, Stack, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import type { ProjectOverview } from '#core/model/overview/screens';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { Confirm, Dialog } from '../../components/dialog.tsx';
import { Link } from '../../components/link.tsx';
import { Lines, Loaded, useApi } from '../../components/loaded.tsx';
import { tell } from '../../components/notify.ts';

interface DeleteProjectProps {
  /** Name of the project. */
  readonly project: string;
  readonly displayName: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Deletes a project that neither runs anywhere nor is in a product; otherwise says where it does. */
export function DeleteProject(props: DeleteProjectProps) {
  const { project, displayName, isOpen, onClose } = props;
  const result = useApi<ProjectOverview>(path`/overview/projects/${project}`, { enabled: isOpen });
  const navigate = useNavigate();
  const overview = result.data;
  const isUsed = overview === undefined || overview.live.length + overview.products.length > 0;
  if (isUsed)
    return (
      <Dialog title={`Delete ${displayName}?`} isOpen={isOpen} onClose={onClose}>
        <Loaded result={result} what="where it is used" skeleton={<Lines count={3} />}>
          {(used) => <Uses overview={used} onClose={onClose} />}
        </Loaded>
      </Dialog>
    );
  return (
    <Confirm
      title={`Delete ${displayName}?`}
      isOpen={isOpen}
      onClose={onClose}
      act="Delete project"
      isDestructive
      failure={`Could not delete ${displayName}.`}
      onConfirm={async () => {
        await api.remove(path`/projects/${project}`);
        tell(`${displayName} is deleted.`);
        // Closed first: what is gone is not asked for again.
        onClose();
        await navigate({ to: '/projects' });
        await refreshAll();
      }}
    >
      It runs on no server group and is in no product. Its draft
      {overview.newestVersion === undefined
        ? ' is deleted'
        : `, its ${overview.newestVersion === 1 ? 'version' : `${overview.newestVersion} versions`} and their deployments are deleted`}
      , which cannot be undone. Export it first to keep a copy.
    </Confirm>
  );
}

function Uses({ overview, onClose }: { readonly overview: ProjectOverview; readonly onClose: () => void }) {
  const { live, products, project } = overview;
  return (
    <Stack>
      <Text size="sm">It is in use. First:</Text>
      <List size="sm" spacing={4}>
        {live.map(({ serverGroup, serverGroupDisplayName, version }) => (
          <List.Item key={serverGroup}>
            Undeploy it from {serverGroupDisplayName}, which runs v{version}.{' '}
            <Link
              to="/deployments"
              search={{ project: project.name, serverGroup, state: 'live' } as never}
              underline="always"
            >
              Its deployment
            </Link>
          </List.Item>
        ))}
        {products.map(({ name, displayName }) => (
          <List.Item key={name}>
            Take it out of the product{' '}
            <Link to={`/products/${name}`} underline="always">
              {displayName}
            </Link>
            .
          </List.Item>
        ))}
      </List>
      <Group justify="flex-end">
        <Button variant="default" data-autofocus onClick={onClose}>
          Close
        </Button>
      </Group>
    </Stack>
  );
}
