import { Group, Stack, Text } from '@mantine/core';
import type { Deployment } from '#core/model/deployment';
import type { ProjectOverview } from '#core/model/overview/screens';
import { isProxied } from '#core/model/project-kind';
import { path } from '../../api/client.ts';
import { CodeLine } from '../../components/code-line.tsx';
import { LinkButton } from '../../components/link.tsx';
import { useApi } from '../../components/loaded.tsx';

/** Where a version that just went live is called. */
export function LiveUrl({ deployment }: { readonly deployment: Deployment }) {
  const { project, serverGroup } = deployment;
  const { data } = useApi<ProjectOverview>(path`/overview/projects/${project}`);
  const url = data?.urls.find((candidate) => candidate.serverGroup === serverGroup)?.url;
  if (data === undefined || url === undefined) return undefined;
  return (
    <Stack gap={6}>
      <Text size="sm" fw={600}>
        URL to call
      </Text>
      <CodeLine value={url} label="Copy the URL" />
      {isProxied(data.project.kind) && (
        <Group>
          <LinkButton variant="default" size="compact-sm" to="/try" search={{ project, serverGroup } as never}>
            Try it
          </LinkButton>
        </Group>
      )}
    </Stack>
  );
}
